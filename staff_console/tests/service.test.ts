// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cover, coverWhenIdle, isCovered, uncover } from "../src/lib/cover.svelte";
import { speak } from "../src/lib/i18n/index.svelte";
import type { Alert, LiveEvent, Promise as Owed, State } from "../src/lib/types";
import type { Write, Row } from "../src/lib/outbox";
import { person, reachedBy, said } from "../src/lib/words";
import { set, settings } from "../src/lib/settings.svelte";
import { floor } from "../src/lib/store.svelte";
import { focusOn, nextOf } from "../src/lib/focus";
import Announce from "../src/parts/Announce.svelte";
import CardActions from "../src/parts/CardActions.svelte";
import Card from "../src/parts/Card.svelte";
import Cover from "../src/parts/Cover.svelte";
import Galley from "../src/parts/Galley.svelte";
import Notices from "../src/parts/Notices.svelte";
import OwedLine from "../src/parts/OwedLine.svelte";
import RateLine from "../src/parts/RateLine.svelte";
import RecordFact from "../src/parts/RecordFact.svelte";
import Review from "../src/parts/Review.svelte";
import TopBar from "../src/parts/TopBar.svelte";
import Treatment from "../src/parts/Treatment.svelte";
import Floor from "../src/screens/Floor.svelte";
import Now from "../src/screens/Now.svelte";
import Service from "../src/screens/Service.svelte";
import Settings from "../src/screens/Settings.svelte";
import Shift from "../src/screens/Shift.svelte";
import { clear, hook, show, submit, tap, text, type } from "./mounted";
import { alert, at, card, event, fact, floorOf, presence } from "./state";

const recorded: Write[] = [];
const sent: { method: string; path: string; body: unknown }[] = [];
let answer: unknown = null;

const owed = (kind: Owed["kind"], changes: Partial<Owed> = {}): Owed => ({
  id: "o1", kind, customer: "chen", visit: null, text: "scarf", owner: "anna", due: null, state: "open", by: "bo", at: at(0), closed_by: null, closed_at: null, note: null, ...changes,
});

beforeEach(() => {
  speak("en");
  recorded.length = sent.length = 0;
  answer = null;
  vi.spyOn(floor, "record").mockImplementation(async (write) => void recorded.push(write));
  vi.spyOn(floor, "call").mockImplementation(async (method, path, body) => {
    sent.push({ method, path, body });
    return answer as never;
  });
  vi.stubGlobal("fetch", async () => new Response("null"));
  [floor.toRate, floor.undo] = [[], null];
});
afterEach(clear);

describe("how they want to be treated", () => {
  it("do not disturb is one tap, and one more takes it back as it was", async () => {
    show(Treatment, { customer: "chen", wishes: ["no_name"], presence: presence("chen") });
    await tap("disturb");
    expect(recorded[0]).toMatchObject({ path: "/api/customers/chen/wishes", body: { wishes: ["no_name", "do_not_disturb"] }, news: { type: "wish.changed" } });
    floor.undo!.back();
    expect(recorded[1]!.body).toEqual({ wishes: ["no_name"] });
  });

  it("companions are counted up and down, and never below none", async () => {
    show(Treatment, { customer: "chen", wishes: [], presence: presence("chen", { companions: 1 }) });
    await tap("companions-more");
    await tap("companions-fewer");
    expect(recorded.map((d) => d.body.count)).toEqual([2, 0]);
    show(Treatment, { customer: "chen", wishes: [], presence: presence("chen") });
    expect(hook("companions-fewer")).toHaveProperty("disabled", true);
  });
});

it("a visit is reviewed with one tap; what is added is told with it again", async () => {
  show(Review, { presence: presence("chen") });
  await tap("satisfaction-4");
  await tap("about-person");
  expect(recorded.map((d) => d.body)).toEqual([
    { satisfaction: 4, about: null, outcome: null, note: null },
    { satisfaction: 4, about: "person", outcome: null, note: null },
  ]);
});

it.each([["en", "The kitchen prepares it without", "a program"], ["zh-CN", "厨房另做", "程序"]] as const)("no code of ours is shown to a reader of %s", (language, reason, program) => {
  speak(language);
  const care = [{ row: 0, place: "1D", order: "o", item: null, answer: "fish", without: [], lines: [], reason: "prepared_without", note: null, served: false, wants_tap: false }];
  show(Galley, { state: floorOf(), question: "lunch", counts: [], care, brought: true });
  expect(text().toLowerCase()).toContain(reason.toLowerCase().slice(-7));
  expect(text()).not.toContain("prepared_without");
  expect([person(floorOf(), "program-2b6a47f0"), said(floorOf(), "program-2b6a47f0", "program-2b6a47f0")]).toEqual([program, program]);
});

describe("what is delicate", () => {
  const write = async (words: string) => {
    show(RecordFact, { state: floorOf(), customer: "chen", visit: "v-chen" });
    await tap("record-category-other");
    await type("record-value-input", words);
    await tap("polarity-do");
    await tap("record-save-stated");
  };

  it("is asked about before it is kept, and kept when it is meant", async () => {
    await write("has diabetes");
    expect(recorded).toEqual([]);
    expect(hook("delicate")!.dataset.topics).toBe("health");
    await tap("delicate-save");
    expect(recorded[0]!.body).toMatchObject({ value: "has diabetes" });
  });

  it("may be changed instead", async () => {
    await write("has diabetes");
    await tap("delicate-change");
    await type("record-value-input", "no sugar");
    await tap("polarity-avoid");
    await tap("record-save-stated");
    expect(recorded.map((d) => d.body.value)).toEqual(["no sugar"]);
  });
});

describe("what is owed", () => {
  const line = (one: Owed) => show(OwedLine, { state: floorOf(), owed: one, closable: true });

  it("is handed over to a colleague on shift", async () => {
    line(owed("promise"));
    await tap("hand-over-o1");
    await tap("hand-o1-bo");
    expect(recorded[0]).toMatchObject({ path: "/api/customers/chen/promises/o1/hand-over", body: { to: "bo" }, news: { data: { owner: "bo", handed_from: "anna" } } });
  });

  it("a promise is kept with one tap", async () => {
    line(owed("promise"));
    await tap("settle-o1");
    expect(recorded[0]).toMatchObject({ path: "/api/customers/chen/promises/o1/close", body: {} });
  });

  it("a complaint is asked what making good has cost, which may be nothing", async () => {
    line(owed("complaint"));
    await tap("settle-o1");
    expect(recorded).toEqual([]);
    await type("recovery-cost", "88.5");
    await tap("settle-o1");
    expect(recorded[0]!.body).toEqual({ recovery_cost: { amount: 88.5, currency: "CNY" } });
    line(owed("complaint"));
    await tap("settle-o1");
    await tap("settle-o1");
    expect(recorded[1]!.body).toEqual({});
  });
});

describe("a card", () => {
  const open = (one: ReturnType<typeof alert>) => show(Card, { state: floorOf(), alert: one, card: one.card!, chosen: false, onopen: () => {} });

  it("that must be verified by sight says why", () => {
    open(alert("chen", { card: card("chen", { verify: true, verify_reason: "two_places" }) }));
    expect(text()).toContain("The same tag was heard in two places");
  });

  it("is claimed in the words of its moment", () => {
    open(alert("chen", { kind: "leaving" }));
    expect(hook("claim")!.textContent).toContain("see them off");
  });

  it("handed over to me is accepted, and says by whom", async () => {
    const act = vi.spyOn(floor, "act").mockResolvedValue(true);
    show(CardActions, { state: floorOf(), alert: alert("chen", { handed_by: "bo", handed_because: "handed_over", accept_by: at(60) }), mine: false });
    expect(text()).toContain("Bo hands over to you");
    await tap("accept");
    expect(act.mock.calls[0]!.slice(1)).toEqual(["claim", {}]);
  });

  it("that was claimed has the focus on what is to be done next, and that after closing on the question", async () => {
    let mine = alert("chen");
    const props = () => ({ state: floorOf({ alerts: [mine] }), alert: mine, card: mine.card!, chosen: false, onopen: () => {} });
    vi.spyOn(floor, "act").mockImplementation(async () => {
      mine = alert("chen", { state: "claimed", by: "anna" });
      show(Card, props());
      return true;
    });
    show(Card, props());
    hook("claim")!.focus();
    await tap("claim");
    await vi.waitFor(() => expect(document.activeElement).toBe(hook("met")));
  });

  it("that was claimed asks first for the one tap that ends the waiting, and takes it back with another", async () => {
    const mine = alert("chen", { state: "claimed", by: "anna" });
    const of = (one: typeof mine) => ({ state: floorOf({ alerts: [one] }), alert: one, card: one.card!, chosen: false, onopen: () => {} });
    show(Card, of(mine));
    expect([hook("met")!.className, hook("close-greeted")!.className].map((all) => all.includes("primary"))).toEqual([true, false]);
    await tap("met");
    expect(recorded.map(({ path, body }) => ({ path, body }))).toEqual([{ path: `/api/alerts/${mine.alert}/met`, body: { met: true, at: expect.stringMatching(/Z$/) } }]);
    await vi.waitFor(() => expect(floor.undo).not.toBeNull());
    floor.undo!.back();
    await vi.waitFor(() => expect(recorded.at(-1)!.body).toMatchObject({ met: false }));
    show(Card, of({ ...mine, met_at: "2026-11-28T18:31:09.480Z" }));
    expect([hook("met"), hook("close-greeted")!.className.includes("primary")]).toEqual([null, true]);
    floor.undo = null;
  });

  it("what somebody has the focus on by then is left to them", async () => {
    document.body.innerHTML = '<input id="field"><article class="card" data-testid="card-x"><button data-testid="close-greeted"></button></article>';
    document.querySelector<HTMLElement>("#field")!.focus();
    await focusOn(...nextOf("x"));
    expect(document.activeElement!.id).toBe("field");
    document.querySelector("#field")!.remove();
    await focusOn(...nextOf("x"));
    expect(document.activeElement).toBe(hook("close-greeted"));
  });

  it("is announced on every screen by its place, each for itself, and no name", async () => {
    show(Announce, { state: floorOf({ alerts: [alert("chen"), alert("hint", { stage: "hint", card: null })] }) });
    const lines = () => [...hook("announce")!.querySelectorAll("p")].map((p) => p.textContent);
    await vi.waitFor(() => expect(lines()).toEqual(["A customer has arrived: Entrance"]));
    show(Announce, { state: floorOf({ alerts: [alert("chen"), alert("li"), alert("due", { kind: "promise_due" })] }) });
    await vi.waitFor(() => expect(lines()).toEqual([...Array(2).fill("A customer has arrived: Entrance"), "Somebody needs you: Entrance"]));
    expect(hook("announce")!.getAttribute("aria-live")).toBe("polite");
    expect(text()).not.toContain("Name");
  });

  it("that was given back is not announced as an arrival again, and only to whom it falls", () => {
    const lines = () => [...hook("announce")!.querySelectorAll("p")].map((p) => p.textContent);
    const after = (...alerts: Alert[]) => {
      floor.told = floorOf({ alerts });
      flushSync();
      return lines();
    };
    floor.told = floorOf({ alerts: [alert("chen")] });
    show(Announce, { get state() { return floor.told!; } });
    expect(lines()).toEqual(["A customer has arrived: Entrance"]);
    expect(after(alert("chen", { state: "claimed", by: "anna" }))).toEqual([]);
    expect(after(alert("chen", { to: ["bo"] }))).toEqual([]);
    expect(after(alert("chen", { state: "claimed", by: "bo" }))).toEqual([]);
    expect(after(alert("chen"))).toEqual(["Somebody needs you: Entrance"]);
  });

  it("of a crowd is announced once, though only the last lines of it stand there", () => {
    const crowd = ["a", "b", "c", "d", "e"].map((who) => alert(who, { card: card(who, { zone: who }) }));
    floor.told = floorOf({ alerts: crowd });
    show(Announce, { get state() { return floor.told!; } });
    const lines = () => [...hook("announce")!.querySelectorAll("p")].map((p) => p.textContent!.slice(-1));
    expect(lines()).toEqual(["c", "d", "e"]);
    floor.told = floorOf({ alerts: crowd.slice(0, 4) });
    flushSync();
    expect(lines()).toEqual(["c", "d"]);
    floor.told = floorOf({ alerts: [...crowd.slice(0, 4), alert("f", { card: card("f", { zone: "f" }) })] });
    flushSync();
    expect(lines()).toEqual(["c", "d", "f"]);
  });

  it("of a promise to somebody who is not here does not say that they are", () => {
    const away = card("chen", { evidence: { kind: "ended" }, reason: "", confidence: 0, last_visit: at(-86_400) });
    open(alert("chen", { kind: "promise_due", card: away }));
    expect(text()).toMatch(/Not here now.*last here/);
    expect(text()).not.toMatch(/Not sure|Entrance/);
  });

  it("that was closed is rated with one tap, and is not asked about again", async () => {
    const closed = alert("chen", { state: "closed" });
    floor.toRate = [closed];
    show(RateLine, { alert: closed });
    await tap("rate-no");
    expect(recorded[0]).toMatchObject({ path: "/api/alerts/a-chen/rate", body: { useful: false }, fleeting: true });
    expect(floor.toRate).toEqual([]);
  });
});

describe("the Now screen", () => {
  it("says who is expected and has not come yet, where they will sit and what whoever expects them wrote", () => {
    const one = (customer: string, changes = {}) => ({
      id: `e-${customer}`, customer, name: null, address_as: `Ms ${customer}`, language: null, tier: null, wishes: [], place: "12A", note: "a wheelchair", from: at(0), until: at(3600), ...changes,
    });
    show(Now, { state: floorOf({ present: [presence("li")], expected: [one("chen"), one("li", { place: null })] }) });
    expect(hook("expected-chen")!.textContent!.replace(/\s+/g, " ")).toMatch(/Ms chen.*a wheelchair.*seat 12A/);
    expect(hook("expected-li")).toBeNull();
    expect(text()).toContain("Expected today · 1");
  });

  it("hints without a name, over the name of the venue, and nothing moves for it", () => {
    const hint = alert("h", { stage: "hint", customer: null, card: null, opened_at: new Date().toISOString() });
    show(TopBar, { state: floorOf({ alerts: [hint] }) });
    expect(hook("hint")!.textContent).toContain("Entrance");
    show(Now, { state: floorOf({ alerts: [hint] }) });
    expect(hook("hint")).toBeNull();
    show(TopBar, { state: floorOf({ alerts: [hint, alert("chen")] }) });
    expect(hook("hint")).toBeNull(); // somebody has come
    expect(hook("strip-a-chen")).not.toBeNull();
  });

  it("a party stands under one heading", () => {
    const fresh = new Date().toISOString();
    const hint = alert("h", { stage: "hint", customer: null, card: null, opened_at: fresh });
    show(Now, { state: floorOf({ alerts: [hint, alert("a", { party: "g" }), alert("b", { party: "g" })] }) });
    expect(hook("party-g")!.textContent).toContain("A party of 2");
    expect(document.querySelectorAll('[data-testid="party-g"] [data-customer]')).toHaveLength(2);
  });
});

describe("a queue", () => {
  const theirs = alert("li", { to: ["bo"], card: card("li", { avoid: [fact("f1", "li", { polarity: "allergy", value: "walnuts" })] }) });

  it("is lines below the card, each with what must not go wrong; a tap opens one and nothing else", async () => {
    show(Now, { state: floorOf({ alerts: [theirs, alert("chen")] }) });
    expect(hook("card-a-chen")!.tagName).toBe("ARTICLE");
    expect(hook("card-a-li")!.textContent).toMatch(/Ms li.*Bo has been told.*Allergy walnuts/s);
    expect(document.querySelectorAll('[data-testid="claim"]')).toHaveLength(1);
    await tap("card-a-li");
    expect([hook("card-a-li")!.tagName, hook("card-a-chen")!.tagName]).toEqual(["ARTICLE", "BUTTON"]);
    expect(hook("card-a-chen")!.textContent).toContain("For you");
  });
});

describe("a round", () => {
  it("tells every allergy, and of what to avoid only what the round is about", async () => {
    const chen = [
      fact("f1", "chen", { polarity: "avoid", category: "seat", value: "the door" }),
      fact("f2", "chen", { polarity: "avoid", category: "drink", value: "ice" }),
      fact("f3", "chen", { polarity: "allergy", category: "food", value: "rose water" }),
    ];
    show(Service, { state: floorOf({ present: [presence("chen")], preferences: { chen } }) });
    expect(hook("service-chen")!.textContent).toMatch(/rose water.*ice/s);
    expect(hook("service-chen")!.textContent).not.toContain("the door");
    await tap("question-seat");
    expect(hook("service-chen")!.textContent).toMatch(/rose water.*the door/s);
    expect(hook("service-chen")!.textContent).not.toContain("ice");
  });
});

describe("what was refused", () => {
  it("says why, one at a time in the space below the work, and how many more there are", async () => {
    const row = (n: number, status: number): Row => ({
      seq: n, key: `k${n}`, staff: "anna", at: at(0), tries: 0, path: "", body: {}, refused: { type: "", title: "", status },
      news: { type: "preference.recorded", subject: "chen", data: { id: `f${n}`, value: `tea ${n}` } },
    });
    floor.rows = [row(1, 403), row(2, 409), row(3, 404), row(4, 404)];
    show(Notices, { state: floorOf() });
    expect(text()).toContain("no longer agrees");
    expect(document.querySelectorAll('[role="alert"]')).toHaveLength(1);
    expect(text()).toContain("and 3 more were not saved");
    floor.rows = floor.rows.slice(1);
    await vi.waitFor(() => expect(text()).toContain("that visit is over"));
    floor.rows = [];
  });
});

describe("a limit that somebody reached", () => {
  const reached = (): LiveEvent => event("limit.reached", "v", { kind: "pin", who: "10.0.0.9", count: 5 });

  it("is told to who leads, until they have seen it", async () => {
    const led = floorOf();
    floor.told = { ...led, me: { ...led.me, role: "manager", roles: ["manager"] } };
    floor.event(reached());
    show(Notices, { state: floor.told! });
    expect(text()).toMatch(/wrong PINs.*10\.0\.0\.9/s);
    await tap("overrun-seen");
    expect(hook("overrun")).toBeNull();
  });

  it.each([
    ["pin", "a browser of anna", "来自：Anna 登录过的浏览器"],
    ["pairing", "tablet 0197-7", "来自：一台已配对的平板"],
    ["pin_guessed", "anna", "涉及：Anna"],
    ["pin_guessed", "an unknown name", "涉及：没有人用的名字"],
    ["live", "anna", "涉及：Anna"],
  ] as const)("of kind %s by %s is told as what it is", (kind, who, told) => {
    speak("zh-CN");
    expect(reachedBy(floorOf(), { kind, who })).toBe(told);
    speak("en");
  });

  it("is no business of who looks after customers", () => {
    floor.told = floorOf();
    floor.event(reached());
    expect(floor.overrun).toBeNull();
  });
});

describe("half a sentence", () => {
  it("is still there when a card was seen to in between, and not with the next customer", async () => {
    const form = (customer: string) => show(RecordFact, { state: floorOf(), customer, visit: null });
    form("chen");
    await tap("record-category-drink");
    await type("record-value-input", "tea, but");
    form("li");
    expect(hook("record-value-input")).toBeNull();
    form("chen");
    expect((hook("record-value-input") as HTMLInputElement).value).toBe("tea, but");
    await type("record-value-input", "");
    form("chen");
    expect(hook("record-value-input")).toBeNull();
  });
});

describe("the cover", () => {
  it("says that somebody is needed and where, and nothing of who", () => {
    cover();
    show(Cover, { state: floorOf({ alerts: [alert("chen")], present: [presence("chen")] }) });
    expect(text()).toContain("Somebody needs you: Entrance");
    expect(document.body.innerHTML).not.toMatch(/chen/i);
    hook("cover")!.click();
    expect(isCovered()).toBe(false);
  });
});

describe("an idle screen", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("covers itself after as long as was set, counted from the last touch", () => {
    set({ cover: 3 });
    const stop = coverWhenIdle();
    vi.advanceTimersByTime(170_000);
    dispatchEvent(new Event("pointerdown"));
    vi.advanceTimersByTime(170_000);
    expect(isCovered()).toBe(false);
    vi.advanceTimersByTime(10_000);
    expect(isCovered()).toBe(true);
    uncover();
    stop();
  });

  it("stays open where somebody set never", () => {
    set({ cover: 0 });
    const stop = coverWhenIdle();
    vi.advanceTimersByTime(86_400_000);
    expect(isCovered()).toBe(false);
    stop();
    set({ cover: 5 });
  });
});

it("the service list serves what is liked without asking, and the galley counts it", async () => {
  const tea = fact("tea", "chen", { category: "drink", value: "Longjing" });
  const here = (served: State["served"]) => floorOf({ present: [presence("chen"), presence("li")], preferences: { chen: [tea], li: [] }, served: served ?? {} });
  show(Service, { state: here({}) });
  await tap("question-drink");
  await tap("serve-tea");
  expect(recorded[0]).toMatchObject({ path: "/api/customers/chen/preferences/tea/served", body: {}, news: { type: "preference.served" } });
  show(Service, { state: here({ tea: at(0) }) });
  await tap("question-drink");
  expect(text()).toContain("1 served");
  await tap("question-lunch");
  expect(text()).not.toContain("1 served");
});

describe("a shift", () => {
  const on = (changes: Partial<State> = {}) => floorOf({ promises: [owed("promise"), owed("promise", { id: "o2", owner: "bo" })], ...changes });
  const off = () => on({ me: { ...floorOf().me, on_shift: false } });

  it("begins with the zones and the end that were tapped", async () => {
    show(Shift, { state: off() });
    await tap("shift-zone-door");
    await tap("shift-until-0");
    await tap("shift-start");
    expect(sent[0]).toMatchObject({ method: "POST", path: "/api/staff/anna/shift", body: { zones: ["door"] } });
    expect(Date.parse((sent[0]!.body as { until: string }).until)).toBeGreaterThan(Date.now());
  });

  it("ends only after what is open has been shown, and hands it to whom one says", async () => {
    answer = { handed: [owed("promise", { owner: "bo" })] };
    show(Shift, { state: on() });
    await tap("shift-end");
    expect(sent).toEqual([]);
    expect(text()).toContain("Hand what I owe to");
    await tap("hand-shift-bo");
    await tap("shift-end-sure");
    expect(sent).toEqual([{ method: "DELETE", path: "/api/staff/anna/shift", body: { hand_to: "bo" } }]);
    expect(text()).toContain("1 handed over");
  });

  it("says what stays one's own because nobody could take it", async () => {
    answer = { handed: [], kept: [owed("complaint", { owner: "anna" }), owed("promise", { owner: "anna" })] };
    show(Shift, { state: on() });
    await tap("shift-end");
    await tap("shift-end-sure");
    expect(text()).toContain("2 stay yours");
  });
});

describe("the floor", () => {
  it("is edited by who leads or looks after it, with keys too, and saved as it stands", async () => {
    show(Floor, { state: floorOf() });
    expect(hook("plan-edit-start")).toBeNull();
    show(Floor, { state: floorOf({ me: { ...floorOf().me, roles: ["manager"] } }) });
    await tap("plan-edit-start");
    await type("plan-width", "40");
    hook("plan-width")!.dispatchEvent(new Event("change", { bubbles: true }));
    flushSync();
    hook("edit-room-door")!.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    flushSync();
    await tap("plan-save");
    expect(sent[0]).toMatchObject({ method: "PUT", path: "/api/plan" });
    expect((sent[0]!.body as { zones: { x: number }[] }).zones[0]!.x).toBe(1);
  });

  it("says calmly since when somebody was not heard", () => {
    show(Floor, { state: floorOf({ present: [presence("chen", { quiet_since: at(180) }), presence("li")] }) });
    expect(hook("where-chen")!.textContent).toContain("quiet since 18:03");
    expect(hook("where-li")!.textContent).not.toContain("quiet");
  });

  it("lists who is where, with whom, and who waits", () => {
    show(Floor, { state: floorOf({ present: [presence("chen", { companions: 2, waiting_since: at(0) }), presence("li", { attended_by: "bo" })] }) });
    const said = hook("who-is-where")!.textContent!.replace(/\s+/g, " ");
    expect(said).toMatch(/Ms chen.*2 companions.*waiting/);
    expect(said).toMatch(/Ms li.*with Bo/);
  });
});

describe("settings", () => {
  it("are kept on the tablet", async () => {
    show(Settings, { state: floorOf() });
    expect(settings().sound).toBe(true);
    await tap("setting-sound");
    await tap("cover-0");
    expect([settings().sound, settings().cover]).toEqual([false, 0]);
    expect(JSON.parse(localStorage.getItem("moments-settings")!)).toMatchObject({ sound: false, cover: 0 });
    set({ sound: true, cover: 5 });
  });

  it("say what is missing without TLS", () => {
    show(Settings, { state: floorOf() });
    expect(["missing-offline", "missing-install"].map((id) => hook(id) !== null)).toEqual([true, true]);
    expect(text()).toContain("Opened without TLS");
  });
});
