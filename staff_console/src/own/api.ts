/** Asks the gateway, with the link's secret and, once the digits were given, the key in headers; keeps neither. */
import type { components } from "../lib/api-types";

type Schemas = components["schemas"];
export type Page = Schemas["OwnPage"];
export type Record_ = Schemas["OwnRecord"];
export type Fact = Schemas["OwnFact"];
export type Consent = Schemas["OwnConsent"];
export type Club = Schemas["OwnClub"];
export type Code = Schemas["OwnCode"];
export type Invitation = Schemas["OwnInvitation"];
export type Question = Schemas["OwnQuestion"];
export type Digits = Page["digits"];

/** An answer that is not what was asked for; `status` 0: none came. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly said: Partial<Schemas["ProblemDetails"]> = {},
  ) {
    super(said.detail ?? String(status));
  }
}

/** The secret behind the `#`, taken out of the address bar and the history. */
export function takeSecret(): string {
  const secret = location.hash.slice(1);
  if (secret) history.replaceState(null, "", location.pathname);
  return secret;
}

export class Door {
  #secret: string;
  #key: string | null = null;

  constructor(secret: string) {
    this.#secret = secret;
  }

  get open(): boolean {
    return this.#key !== null;
  }

  /** Forgets the key: the digits are asked for again. */
  shut(): void {
    this.#key = null;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#ask("GET", path)).json() as Promise<T>;
  }

  async post<T>(path: string, body: object = {}): Promise<T> {
    const answer = await this.#ask("POST", path, body);
    return (answer.status === 204 ? null : await answer.json()) as T;
  }

  async unlock(digits: string): Promise<void> {
    const opened = await this.post<Schemas["OwnKey"]>("/unlock", { digits });
    this.#key = opened.key;
  }

  /** Everything, as a file and its name. */
  async file(): Promise<{ name: string; blob: Blob }> {
    const answer = await this.#ask("GET", "/export");
    const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "person.zip";
    return { name, blob: await answer.blob() };
  }

  async #ask(method: string, path: string, body?: object): Promise<Response> {
    const headers: Record<string, string> = { "Moments-Page": this.#secret };
    if (this.#key !== null) headers["Moments-Page-Key"] = this.#key;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let answer: Response;
    try {
      answer = await fetch(`./api/me${path}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
      });
    } catch {
      throw new Refused(0);
    }
    if (answer.ok) return answer;
    throw new Refused(answer.status, (await answer.json().catch(() => ({}))) as Partial<Schemas["ProblemDetails"]>);
  }
}
