/** What passkeys are called and why there are none, in both languages: read with the few parts that speak of them. */
import { language } from "./i18n/index.svelte";

const EN = {
  use: "Use a passkey",
  waiting: "Waiting for your device…",
  refused: "This passkey is not known here. Please sign in with your PIN.",
  cancelled: "Nothing was shown. Try again, or use your PIN.",
  wait: "Please wait a moment, then try again.",
  unreachable: "The gateway does not answer. Try again, or use your PIN.",
  title: "My passkeys",
  what: "Your fingerprint, your face or a security key instead of the PIN. The PIN stays good; without a network it alone opens this tablet.",
  none: "You have no passkey.",
  add: "Add a passkey",
  pin: "Your PIN once more",
  name: "What it is on, for example “Lina’s phone”",
  cancel: "Cancel",
  remove: "Remove",
  sure: "Really remove it?",
  added: "added {day}",
  used: "used {day}",
  never: "never used",
  elsewhere: "for {host} only",
  done: "Your passkey is added.",
  known: "This passkey is known already.",
  wrong: "Wrong PIN.",
  failed: "The passkey could not be added.",
  address: "There are no passkeys here: this console was opened at an IP address, and a passkey is made for a name. Open it by its name. Your PIN is good everywhere.",
  plain: "There are no passkeys here: this console was opened without TLS (https). Your PIN is good everywhere.",
  not_installed: "There are no passkeys here: the gateway lacks the library for them. IT installs it with: pip install 'moments[passkey]'. Your PIN is good everywhere.",
  distrusted: "There are no passkeys here: this tablet does not trust the console’s certificate yet. IT shows how, under Set-up, Tablets. Your PIN is good everywhere.",
  browser: "There are no passkeys here: this browser knows none. Your PIN is good everywhere.",
  count_one: "1 passkey",
  count_other: "{n} passkeys",
  take: "Remove passkeys",
  take_sure: "Really? They sign in with the PIN then",
};

export type PasskeyWord = keyof typeof EN;

const ZH: Record<PasskeyWord, string> = {
  use: "使用通行密钥",
  waiting: "请在设备上确认…",
  refused: "这里不认识这个通行密钥。请用 PIN 登录。",
  cancelled: "没有完成验证。请重试，或使用 PIN。",
  wait: "请稍等片刻再试。",
  unreachable: "连不上网关。请重试，或使用 PIN。",
  title: "我的通行密钥",
  what: "用指纹、面容或安全密钥代替 PIN。PIN 仍然有效；没有网络时，只有 PIN 能打开这台平板。",
  none: "您还没有通行密钥。",
  add: "添加通行密钥",
  pin: "请再输入一次 PIN",
  name: "它在哪台设备上，例如“小林的手机”",
  cancel: "取消",
  remove: "移除",
  sure: "确定移除吗？",
  added: "{day} 添加",
  used: "{day} 用过",
  never: "从未使用",
  elsewhere: "只用于 {host}",
  done: "通行密钥已添加。",
  known: "这个通行密钥已经登记过了。",
  wrong: "PIN 不正确。",
  failed: "没能添加通行密钥。",
  address: "这里不能使用通行密钥：控制台是用 IP 地址打开的，而通行密钥只认域名。请用域名打开。PIN 在哪里都能用。",
  plain: "这里不能使用通行密钥：控制台没有通过 TLS（https）打开。PIN 在哪里都能用。",
  not_installed: "这里不能使用通行密钥：网关没有安装所需的组件。请 IT 运行：pip install 'moments[passkey]'。PIN 在哪里都能用。",
  distrusted: "这里不能使用通行密钥：这台平板还不信任控制台的证书。请 IT 在“设置”的“平板”里按说明操作。PIN 在哪里都能用。",
  browser: "这里不能使用通行密钥：这个浏览器不支持。PIN 在哪里都能用。",
  count_one: "1 个通行密钥",
  count_other: "{n} 个通行密钥",
  take: "移除通行密钥",
  take_sure: "确定吗？之后只能用 PIN 登录",
};

const WORDS = { en: EN, "zh-CN": ZH };

/** Returns the words of `key` in the language that is spoken, their {places} filled. */
export const say = (key: PasskeyWord, values: Record<string, string | number> = {}): string =>
  WORDS[language()][key].replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
