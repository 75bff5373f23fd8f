// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { setBy } from "../src/lib/clock.svelte";
import details from "../src/lib/details.json";
import { speak } from "../src/lib/i18n/index.svelte";
import { stateSince } from "../src/lib/readers";
import reasons from "../src/lib/reasons.json";
import { detail, quoted, readerReason } from "../src/lib/told";
import { at } from "./state";

const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

beforeEach(() => {
  setBy(at(0));
  speak("zh-CN");
});

it.each([...Object.entries(reasons), ...Object.entries(details)])("%s has the same places in Chinese, or leaves one out", (english, chinese) => {
  expect(places(english)).toEqual(expect.arrayContaining(places(chinese)));
  expect(new Set(places(english)).size).toBe(places(english).length);
  expect(chinese).toMatch(/[一-鿿]/);
});

describe("why a reader is not well", () => {
  it.each([
    ["connection refused by 10.0.0.7:5084", "10.0.0.7:5084 拒绝了连接"],
    ["the reader does not answer: is it on, is it an M100, is its baud rate right?", "读写器没有应答：它开了吗？型号是M100 模块吗？波特率对吗？"],
    ["foyer is offline; nothing from bar for 70 s", "foyer 离线；bar 已有 70 秒没有消息"],
    ["it will not read: too hot: it reads less until it has cooled", "它不肯读取：过热：冷却之前会少读"],
    ["something answers that speaks no LLRP (HTTP): is this the reader's LLRP port? It is 5084, unless it was changed", "应答的是别的服务（HTTP），不是 LLRP：这是读写器的 LLRP 端口吗？若没有改过，应为 5084"],
  ])("%s", (english, chinese) => {
    expect(readerReason(english)).toBe(chinese);
    speak("en");
    expect(readerReason(english)).toBe(english);
  });

  it("that is new to this tablet is quoted as the reader's own words", () => {
    expect(readerReason("the flux is out of phase")).toBe("读写器的原话：the flux is out of phase");
  });

  it.each([
    ["up", 0, "刚刚连上", "has just connected"],
    ["lost", 20, "刚刚失联", "was lost just now"],
    ["up", 150, "已正常 2 分钟", "well for 2 min"],
    ["lost", 7_200, "已失联 2 小时", "lost for 2 hours"],
    ["quiet", 90_000, "已有 1 天无读取", "quiet for 1 day"],
  ] as const)("%s for %i s is one sentence", (state, s, chinese, english) => {
    expect(stateSince({ state, since: at(-s) })).toBe(chinese);
    speak("en");
    expect(stateSince({ state, since: at(-s) })).toBe(english);
  });
});

it("a proxy that changes Host is told as that, with both names", () => {
  const said = detail("this request comes from another site: Host 'a.com' is not Origin 'https://a.com:8443'; if it is our own page, the proxy must pass Host with its port (nginx: proxy_set_header Host $http_host)");
  expect(said).toContain("Host 是 'a.com'");
  expect(said).toContain("'https://a.com:8443'");
  expect(said).not.toMatch(/comes from|if it is/);
});

it("what is wrong with an identifier is said within the sentence about it", () => {
  expect(quoted("epc: 6 hex digits; expected whole words of 4, usually 24, at most 124")).toContain("应为 4 的倍数");
  expect(quoted("identifier: uid: nothing after the colon")).toBe("uid：冒号后没有内容");
  expect(detail("nobody knows this sentence")).toBeNull();
  expect(detail(undefined)).toBeNull();
  speak("en");
  expect(quoted("identifier: uid: nothing after the colon")).toBe("uid: nothing after the colon");
});
