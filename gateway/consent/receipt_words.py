"""What a printed receipt says, in the languages of the product."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("zh-CN", "en")
ENGLISH: Mapping[str, str] = {
    "title": "Your consent, in writing",
    "print": "Print",
    "number": "Receipt",
    "made": "Made",
    "customer": "Customer number",
    "what": "What you were asked",
    "said": "Your answer",
    "until": "Until",
    "no_end": "until you end it",
    "given": "yes",
    "refused": "no",
    "withdrawn": "ended by you",
    "ended": "ended by us",
    "invalid": "not valid",
    "expired": "run out",
    "asked": "not answered",
    "partner": "{purpose}: {partner}",
    "notice": "Text you read",
    "version": "version {version}",
    "stop": "You can end any of this at any time, without a reason and without a disadvantage:",
    "rights": "You may see, correct, export and erase what is known of you, object to it, and complain to {authority}.",
    "authority": "the authority for data protection",
    "controller": "Who answers for your data",
    "page": "Your own page",
    "page_says": "Scan to see and to end what you agreed to. Whoever has this code can do so too: keep it like a key.",
    "proof": "Proof",
    "proof_says": "This code proves what stands here, years later too, without us. Compare the operator's key with the"
    " sign at the door:",
    "recognise_tag": "Recognise me by my keychain tag",
    "recognise_phone": "Recognise me by my phone",
    "keep_preferences": "Remember what I like and must avoid",
    "share_partners": "Tell a partner",
    "share_houses": "Tell the other houses of this operator",
    "introductions": "Introduce me to others who agreed to it",
    "insight": "Work out what might interest me",
    "any member of staff": "tell any member of staff",
    "own page": "on your own page",
    "day": "{year:04d}-{month:02d}-{day:02d}",
}
CHINESE: Mapping[str, str] = {
    "title": "您的同意凭据",
    "print": "打印",
    "number": "凭据编号",
    "made": "开具时间",
    "customer": "客人编号",
    "what": "询问事项",
    "said": "您的答复",
    "until": "有效至",
    "no_end": "至您撤回为止",
    "given": "同意",
    "refused": "不同意",
    "withdrawn": "您已撤回",
    "ended": "我们已终止",
    "invalid": "无效",
    "expired": "已到期",
    "asked": "未答复",
    "partner": "{purpose}：{partner}",
    "notice": "您阅读的告知书",
    "version": "第 {version} 版",
    "stop": "您可以随时撤回以上任何一项，无需说明理由，也不会因此受到任何不利影响：",
    "rights": "您有权查阅、更正、导出和删除我们掌握的您的信息，有权提出异议，也可以向{authority}投诉。",
    "authority": "个人信息保护主管部门",
    "controller": "个人信息处理者",
    "page": "您的专属页面",
    "page_says": "扫码即可查看并撤回您的同意。持有此码者均可如此操作，请像钥匙一样妥善保管。",
    "proof": "凭证",
    "proof_says": "此码可证明本凭据的内容，多年以后、无需我们在场也同样有效。请将运营方密钥与门口告示核对：",
    "recognise_tag": "凭钥匙扣认出我",
    "recognise_phone": "凭手机认出我",
    "keep_preferences": "记住我的喜好和禁忌",
    "share_partners": "告知合作方",
    "share_houses": "告知本运营方的其他门店",
    "introductions": "把我介绍给同样愿意结识他人的客人",
    "insight": "分析我可能感兴趣的内容",
    "any member of staff": "告诉任何一位员工",
    "own page": "在您的专属页面上",
    "day": "{year} 年 {month} 月 {day} 日",
}
WORDS: Mapping[str, Mapping[str, str]] = {"zh-CN": CHINESE, "en": ENGLISH}


def language_of(tag: str | None) -> str:
    """The language in which somebody of this tag reads a receipt."""
    return "zh-CN" if (tag or "").lower().startswith("zh") else "en"
