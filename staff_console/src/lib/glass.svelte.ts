/**
 * What is put to a customer on glass, from "14 or older?" to the receipt. It lives in memory alone: nothing is sent and
 * nothing kept before the signature, and whatever breaks it off (another screen, a reload, the cover, nobody's finger) ends it.
 */
import { Refused, Unreachable, post } from "./api";
import { decidesAlone, keyOf, mayAsk } from "./agreed";
import { currently, exactly } from "./clock.svelte";
import { dayIn } from "./days";
import { draft } from "./drafts.svelte";
import { purposeOf, type NewFacts } from "./enrol";
import { answered, asked, first, isGuardian, missing, sayings, stopped, type Answer, type Answers, type Guardian, type Question } from "./glass";
import { newId } from "./ids";
import { learn, readBy, type Language } from "./i18n/index.svelte";
import { enrolment, readHouse, readLedger, readNotices, readRows } from "./ledger";
import { floor } from "./store.svelte";
import { isSigned, written, type Stroke } from "./strokes";
import { turned, type BrokenOff } from "./turned.svelte";
import type { Enrolment, Heard, Notice, Problem, PurposeRow } from "./types";

export type Step = "reading" | "nothing" | "age" | "guardian" | "ask" | "phone" | "done";

/** Whom it is about, and what for. */
export interface Begun {
  customer: string;
  title: string;
  language: string | null;
  /** What makes a customer who is not on the books yet. */
  facts: NewFacts | null;
  kind: "tag" | "phone" | null;
  tag: Heard | null;
  label: string;
  /** The one thing it is about; null: all that may be asked. */
  only: string | null;
  onend: (end: End | null) => void;
}

/** How it ended: what was agreed to, and whether the gateway has it. */
export interface End {
  recognised: boolean;
  tag: Heard | null;
  waits: boolean;
}

const IDLE_MS = 180_000;
const TOUCHES = ["pointerdown", "keydown"] as const;

class Glass {
  begun = $state.raw<Begun | null>(null);
  step = $state<Step>("reading");
  tongue = $state<Language>("en");
  /** Whether the customer decides for themselves; null: not asked yet. */
  grown = $state<boolean | null>(null);
  guardian = $state<Guardian>({ name: "", relation: "", comes_of_age: "" });
  questions = $state.raw<Question[]>([]);
  answers = $state.raw<Answers>({});
  strokes = $state.raw<Stroke[]>([]);
  typed = $state("");
  phone = $state.raw<Heard | null>(null);
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  /** Stops came in that nobody here knew of. */
  surprised = $state(false);
  accepted = $state.raw<Enrolment | null>(null);
  waits = $state(false);
  /** The house's texts, and what this customer may be asked for; null until they are read. */
  notices = $state.raw<Notice[] | null>(null);
  private rows = $state.raw<PurposeRow[]>([]);
  /** The age from which a customer decides without a guardian, in years. */
  guardianUnder = $state(14);
  private shownAt = "";
  private key = "";

  readonly signed = $derived(this.typed.trim() !== "" || isSigned(this.strokes));
  readonly missing = $derived(missing(this.answers, this.signed));
  readonly today = $derived(dayIn(currently(), floor.told?.venue.timezone ?? "UTC"));
  readonly month = $derived(this.today.slice(0, 7));
  readonly guardianKnown = $derived(isGuardian(this.guardian, this.month));

  constructor() {
    turned.end = (because) => this.close(because);
  }

  /** Begins; what the customer has agreed to and the house's texts are read first. */
  async begin(begun: Begun): Promise<void> {
    this.clear();
    [this.begun, this.step, this.tongue, this.key] = [begun, "reading", readBy(begun.language), newId()];
    turned.open = true;
    draft("glass", true);
    await this.read();
  }

  private async read(): Promise<void> {
    const begun = this.begun!;
    const known = begun.facts ? null : begun.customer;
    try {
      await learn(this.tongue);
      const [notices, house, rows, ledger] = await Promise.all([readNotices(), readHouse(), known ? readRows(known) : null, known ? readLedger(known) : []]);
      if (this.begun !== begun) return;
      [this.notices, this.rows, this.guardianUnder] = [notices, rows ?? house.purposes, house.guardian_under];
      this.grown = begun.only && decidesAlone(ledger) ? true : null;
      if (!this.askable(true).length) this.step = "nothing";
      else if (this.grown) this.ask();
      else this.step = "age";
    } catch (error) {
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
      if (this.begun === begun) this.problem = error instanceof Refused ? error.problem : { type: "about:blank", title: "", status: 0 };
    }
  }

  /** Reads again what could not be read. */
  async again(): Promise<void> {
    this.problem = null;
    await this.read();
  }

  /** Somebody says whether they are of age; a guardian is asked for before anything is shown to a child. */
  age(grown: boolean): void {
    this.grown = grown;
    if (grown) this.ask();
    else this.step = "guardian";
  }

  /** Turns the screen to whoever decides. */
  ask(): void {
    const { kind, tag } = this.begun!;
    const purpose = tag ? purposeOf(tag.scheme) : kind === "phone" ? "recognise_phone" : kind === "tag" ? "recognise_tag" : null;
    this.questions = first(this.askable(this.grown === true), purpose);
    this.shownAt = new Date(exactly()).toISOString();
    this.step = "ask";
  }

  private askable(grown: boolean): Question[] {
    const { only } = this.begun!;
    const may = this.rows.filter((row) => mayAsk(row, grown, this.today) && (!only || keyOf(row) === only));
    return asked(may, this.notices ?? [], this.tongue);
  }

  /** The customer reads another language; what they decided so far they decided under the text they had read. */
  async speak(tongue: Language): Promise<void> {
    await learn(tongue);
    this.tongue = tongue;
    if (this.step === "ask") this.ask();
    this.answers = {};
  }

  readonly said = (key: string): Answer | undefined => this.answers[key]?.answer;

  answer(key: string, answer: Answer): void {
    this.answers = answered(this.answers, key, answer, new Date(exactly()).toISOString());
    this.problem = null;
  }

  /** It is signed: a phone is looked for now and not before; the rest is sent at once. */
  async confirm(): Promise<void> {
    if (this.missing || this.busy) return;
    if (this.begun!.kind === "phone" && this.said("recognise_phone") === "given") this.step = "phone";
    else await this.send();
  }

  /** Sends it as one act; without a network it is sealed in the outbox, and counts when it is accepted. */
  async send(): Promise<void> {
    const begun = this.begun;
    if (!begun || this.busy) return;
    this.busy = true;
    this.problem = null;
    const guardian = this.grown === false ? { ...this.guardian } : null;
    const says = sayings(this.questions, this.answers, guardian, this.shownAt);
    const write = enrolment(begun.customer, begun.facts, this.thing(), says, guardian, this.signed ? written(this.strokes, this.typed) : null);
    try {
      this.accepted = await post<Enrolment>(write.path, write.body, this.key);
      this.finish();
    } catch (error) {
      if (error instanceof Unreachable) {
        await floor.outbox.add(write, this.key);
        this.waits = true;
        this.finish();
      } else if (error instanceof Refused) this.refused(error.problem);
      else throw error;
    }
    this.busy = false;
  }

  private finish(): void {
    this.step = "done";
    draft("glass", false);
  }

  private refused(problem: Problem): void {
    this.key = newId(); // what is sent next is another act
    const { stops } = problem;
    if (problem.status === 409 && stops?.length) {
      Object.assign(this, stopped(this.questions, this.answers, stops));
      [this.surprised, this.step] = [true, "ask"];
    } else this.problem = problem;
  }

  /** The tag or phone that goes with it, where they agreed to be known by it. */
  private thing(): { key: string; label: string } | null {
    const { tag, label } = this.begun!;
    const thing = this.phone ?? tag;
    return thing && this.said(purposeOf(thing.scheme)) === "given" ? { key: thing.key, label } : null;
  }

  /** Whoever asked is told how it ended, and nothing of it stays here. */
  close(because: BrokenOff = null): void {
    const begun = this.begun;
    if (!begun) return;
    const over = this.step === "done";
    const thing = this.phone ?? begun.tag;
    const end = over ? { recognised: this.thing() !== null, tag: thing, waits: this.waits } : null;
    this.clear();
    if (!over && because) turned.brokenOff = because;
    begun.onend(end);
  }

  private clear(): void {
    [turned.open, turned.brokenOff] = [false, null];
    draft("glass", false);
    Object.assign(this, {
      begun: null, step: "reading", grown: null, guardian: { name: "", relation: "", comes_of_age: "" }, questions: [], answers: {}, strokes: [], typed: "",
      phone: null, busy: false, problem: null, surprised: false, accepted: null, waits: false, notices: null, rows: [],
    });
  }

  /** Ends it when nobody touches it. */
  readonly whileTouched = (): (() => void) => {
    if (!this.begun) return () => {};
    let timer: ReturnType<typeof setTimeout>;
    const touched = () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.close("idle"), IDLE_MS);
    };
    touched();
    for (const touch of TOUCHES) addEventListener(touch, touched, { passive: true, capture: true });
    return () => {
      clearTimeout(timer);
      for (const touch of TOUCHES) removeEventListener(touch, touched, { capture: true });
    };
  };
}

export const glass = new Glass();
