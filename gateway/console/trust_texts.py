"""What the page says that helps a tablet to trust this house, in both languages."""

from __future__ import annotations

from typing import NamedTuple


class Device(NamedTuple):
    """What to do on one kind of tablet, step by step."""

    name: str
    steps: tuple[str, ...]


class Texts(NamedTuple):
    """One language of the page."""

    title: str
    why: str
    get: str
    compare: str
    devices: tuple[Device, ...]
    done: str
    fleet: str
    show: str
    other: str


TEXTS = {
    "zh-CN": Texts(
        "让这台平板信任 Moments",
        "本店的网关用自己的证书加密。每台平板只需做一次，之后即可打开 Moments。",
        "下载证书",
        "安装前请核对：设备上显示的证书 SHA-256 指纹须与网关上 moments tls show 显示的完全一致。"
        "不一致就不要安装，并告知 IT。",
        (
            Device("iPad", (
                "用 Safari 打开本页，轻点“下载证书”，再轻点“允许”。",
                "打开“设置”，轻点“已下载描述文件”，再轻点“安装”。",
                "打开“设置”›“通用”›“关于本机”›“证书信任设置”，打开名称以 Moments 开头的开关。",
            )),
            Device("Android 平板", (
                "轻点“下载证书”。",
                "打开“设置”›“安全”›“加密与凭据”›“安装证书”›“CA 证书”（可在设置里搜索“CA 证书”）。",
                "轻点“仍然安装”，选择 moments-ca.crt。平板须已设置锁屏密码。",
            )),
            Device("Windows 平板", (
                "轻点“下载证书”，打开 moments-ca.crt，选择“安装证书”。",
                "选择“本地计算机”，再选“将所有的证书都放入下列存储”›“受信任的根证书颁发机构”。",
                "完成后关闭并重新打开浏览器。",
            )),
        ),
        "完成后打开 Moments：",
        "平板由设备管理（MDM）统一管理时，请由 IT 下发同一份证书，这里无需任何操作。",
        "用另一台平板扫描，即可打开本页。",
        "English",
    ),
    "en": Texts(
        "Let this tablet trust Moments",
        "The gateway of this house encrypts with a certificate of its own. Do this once on each tablet.",
        "Download the certificate",
        "Compare before you install: the SHA-256 fingerprint that the device shows for the certificate must be the one"
        " that moments tls show prints on the gateway. If it is another, do not install it, and tell IT.",
        (
            Device("iPad", (
                "Open this page in Safari, tap “Download the certificate”, then “Allow”.",
                "Open Settings, tap “Profile Downloaded”, then “Install”.",
                "Open Settings › General › About › Certificate Trust Settings, and switch on the name Moments ….",
            )),
            Device("Android tablet", (
                "Tap “Download the certificate”.",
                "Open Settings › Security › Encryption & credentials › Install a certificate › CA certificate.",
                "Where you do not find it, search the settings for “CA certificate”.",
                "Tap “Install anyway” and choose moments-ca.crt. The tablet needs a screen lock.",
            )),
            Device("Windows tablet", (
                "Tap “Download the certificate”, open moments-ca.crt and choose “Install Certificate”.",
                "Choose “Local Machine”, then “Place all certificates in the following store”.",
                "Choose “Trusted Root Certification Authorities”.",
                "When it is done, close the browser and open it again.",
            )),
        ),
        "Then open Moments:",
        "Where device management (MDM) looks after the tablets, IT hands out the same certificate, and there is nothing"
        " to do here.",
        "Scan it with another tablet to open this page there.",
        "中文",
    ),
}  # fmt: skip
