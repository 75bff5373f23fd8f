"""What the set-up page says, in both languages."""

from __future__ import annotations

from typing import NamedTuple


class Texts(NamedTuple):
    """One language of the page."""

    other: str
    title: str
    why: str
    code: str
    code_is: str
    kind: str
    kinds: dict[str, str]
    name_zh: str
    name_en: str
    zone: str
    manager: str
    pin: str
    pin_is: str
    who: str
    here: str
    network: str
    go: str
    again: str
    wrong_code: str
    new_code: str
    no_name: str
    no_manager: str
    unfit: str
    bad_pin: str
    done: str
    sign_in: str
    written: str
    key: str
    key_is: str
    noted: str
    open: str
    opens: str
    opened: str
    first: str
    trust: str
    readers: str
    shown: str
    failed: str


TEXTS = {
    "zh-CN": Texts(
        other="English",
        title="设置 Moments",
        why="这台机器还不属于任何门店。填完这一页，就可以使用了。",
        code="一次性设置码",
        code_is="显示在这台机器的屏幕或日志里。",
        kind="场所类型",
        kinds={
            "store": "门店", "lounge": "贵宾厅", "cabin": "客舱",
            "showroom": "展厅", "centre": "服务中心", "club": "会所", "community": "社区体验中心",
        },
        name_zh="中文名称",
        name_en="英文名称",
        zone="时区",
        manager="第一位经理的姓名",
        pin="经理的 PIN（选填）",
        pin_is="4 到 12 位数字；留空则随机生成。",
        who="谁能打开 Moments？",
        here="只有这台机器",
        network="店内网络中的平板，全程加密",
        go="开始使用",
        again="请改正后再试一次：",
        wrong_code="设置码不对。",
        new_code="设置码错了太多次。新的设置码已显示在这台机器上。",
        no_name="请填写中文名称或英文名称。",
        no_manager="请填写经理的姓名。",
        unfit="名称或姓名无法使用，请换一个：",
        bad_pin="PIN 须为 4 到 12 位数字，且不能过于简单。",
        done="设置完成",
        sign_in="登录名和 PIN",
        written="只显示这一次，请现在记下。",
        key="恢复密钥",
        key_is="凭这 24 个词可打开本店的所有备份。请抄在纸上或打印出来，锁好，不要放在这台机器里。"
        "没有它，任何人都无法恢复备份。",
        noted="PIN 和 24 个词都已记下",
        open="打开 Moments",
        opens="Moments 正在启动，几秒后自动打开。",
        opened="Moments 正在启动。",
        first="把这台设备设为第一台平板：",
        trust="其他平板先打开这个页面，让它信任本店的证书（有 iPad、Android、Windows 的步骤）：",
        readers="下一步：在“管理”里添加同事和平板；读卡器写在 venue.toml 里，用 moments check 检查。",
        shown="设置已完成，PIN 和恢复密钥只显示一次。没有记下恢复密钥时，请在这台机器上运行"
        " moments recovery new --replace；没有记下 PIN 时，请运行 moments staff add。",
        failed="没有设置成功：",
    ),
    "en": Texts(
        other="中文",
        title="Set up Moments",
        why="This machine is no house yet. Answer this page, and it is.",
        code="One-time code",
        code_is="It is on this machine's screen, or in its log.",
        kind="Kind of venue",
        kinds={
            "store": "Store", "lounge": "Lounge", "cabin": "Cabin", "showroom": "Showroom", "centre": "Service centre",
            "club": "Club", "community": "Community centre",
        },
        name_zh="Its Chinese name",
        name_en="Its English name",
        zone="Time zone",
        manager="Name of the first manager",
        pin="The manager's PIN (optional)",
        pin_is="4 to 12 digits; made at random where you leave it empty.",
        who="Who opens Moments?",
        here="This machine alone",
        network="Tablets of the venue's network, encrypted",
        go="Set it up",
        again="Please mend this and try again:",
        wrong_code="This is not the code.",
        new_code="Too many wrong codes. There is a new one on this machine.",
        no_name="Give it a Chinese or an English name.",
        no_manager="Give the name of a manager.",
        unfit="This name cannot be used, please take another:",
        bad_pin="The PIN needs 4 to 12 digits, and none that everybody tries first.",
        done="It is set up",
        sign_in="Sign in as, with the PIN",
        written="Shown this once: write it down now.",
        key="Recovery key",
        key_is="These 24 words open every copy of this house. Write or print them and lock them away, not on this"
        " machine. Without them nobody can bring a copy back.",
        noted="I have written down the PIN and the 24 words",
        open="Open Moments",
        opens="Moments is starting, and opens here in a few seconds.",
        opened="Moments is starting.",
        first="Make this device the first tablet:",
        trust="Tablets begin on this page, which has them trust the house's certificate (iPad, Android, Windows):",
        readers="Next: add colleagues and tablets under Admin; readers stand in venue.toml, moments check tries them.",
        shown="It is set up; PIN and recovery key are shown once. Who has not written down the key runs"
        " moments recovery new --replace on this machine; who has not the PIN, moments staff add.",
        failed="It could not be set up:",
    ),
}  # fmt: skip
