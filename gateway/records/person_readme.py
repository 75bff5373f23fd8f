"""The page that explains a file about one person, in both languages."""

# ruff: noqa: E501 - a row of a table is one line

from __future__ import annotations

README = """\
# 关于您的一切 · Everything about you

## 中文

这个压缩包里是这家门店保存的、与您有关的全部资料。它既给您看，也能原样带到同一品牌的另一家门店。

| 文件 | 内容 |
|---|---|
| `person.json` | 每一类记录：您是谁、您携带的标签与手机、每一条偏好（谁说的、何时、依据是什么）、到访、提问、承诺与投诉 |
| `ledger.jsonl` | 您同意过什么、拒绝或停止了什么，每行一条 |
| `journal.jsonl` | 发生过的每一件事，包括谁查看过您、为什么 |
| `recipients.json` | 还有谁收到过您的资料：哪一类、几次、最早与最近 |
| `receipts/` | 交给您的每一张凭据，可离线验证：`moments receipt verify 文件` |
| `documents/` | 您签过名的文件 |
| `schema.json` | 以上格式的 JSON Schema |

时间均为世界协调时（UTC）。`data` 是平时加密保存、只有您的密钥能打开的部分。`type` 是事件的种类，`by` 是操作人；
`customer` 表示是您自己在自己的页面上操作的。涉及多人的事件里，别人的部分已经去掉。

带到另一家门店：请该店经理导入此文件。同意只有在凭据能够验证、且品牌相同时才继续有效；您停止过的，到哪里都是停止的。

## English

This archive holds all that this house keeps about you. It is for you to read, and another house of the same brand can
take it in as it is.

| File | What is in it |
|---|---|
| `person.json` | records of every kind: who you are, the tags and phones you carry, each fact (who said so, when, how it is known), visits, questions, promises and complaints |
| `ledger.jsonl` | what you agreed to, refused and stopped, one line each |
| `journal.jsonl` | everything that happened, who looked at you and why among it |
| `recipients.json` | who else received something about you: which kinds, how often, first and last |
| `receipts/` | each receipt you were given; anybody can verify one offline: `moments receipt verify FILE` |
| `documents/` | what you signed |
| `schema.json` | the JSON Schema of all this |

Times are UTC. `data` is what is kept sealed, and only your key opens. `type` is the kind of an event and `by` who acted;
`customer` is you, on your own page. Of events that tell of several people the others are left out.

To take it along: a manager of the other house imports this file. A consent counts on where its receipt verifies for the
same brand; what you stopped is stopped everywhere.

## 未收入的数据表 · Tables that are left out, and why

{tables}
"""
