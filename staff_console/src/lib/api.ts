import type { Problem } from "./types";
import { newId } from "./ids";
import { challenged, mayHaveKey, proof } from "./device";
import { at } from "./place";
import { untouched } from "./touch";

/** The gateway understood and said no: carries its problem details. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
  }
}

/** Nobody answered, or not within the time we wait. */
export class Unreachable extends Error {}

const WAIT_MS = 8_000; // the gateway is in the same building: more than this is a lost packet or a lost network

/** Sends one request and returns its JSON (null for 204); throws Refused or Unreachable. */
export async function request<T>(method: string, path: string, body?: unknown, key?: string, more: Record<string, string> = {}): Promise<T> {
  return (await exchange<T>(method, path, body, key ? { "Idempotency-Key": key, ...more } : more)).said;
}

/** Reads what is marked with an ETag; null where it is still as `known`. */
export async function getIfNew<T>(path: string, known: string | null): Promise<{ said: T; tag: string | null } | null> {
  const { said, response } = await exchange<T>("GET", path, undefined, known ? { "If-None-Match": known } : {});
  return response.status === 304 ? null : { said, tag: response.headers.get("ETag") };
}

async function exchange<T>(method: string, path: string, body: unknown, more: Record<string, string>): Promise<{ said: T; response: Response }> {
  const first = await sent(method, path, body, more, mayHaveKey());
  const asked = first.response.status === 401 && (first.parsed as Partial<Problem> | null)?.prove;
  const { response, parsed } = asked ? await sent(method, path, body, more, true) : first; // it has a new challenge now
  if (response.ok || response.status === 304) return { said: parsed as T, response };
  const problem = problemOf(response, parsed);
  if (problem.wipe) onLetGo();
  throw new Refused(problem);
}

/** What follows when the gateway says that this tablet was let go. */
let onLetGo: () => void = () => {};
export const whenLetGo = (wipe: () => void): void => void (onLetGo = wipe);

async function sent(method: string, path: string, body: unknown, more: Record<string, string>, signs: boolean): Promise<{ response: Response; parsed: unknown }> {
  const headers: Record<string, string> = { Accept: "application/json", ...more };
  if (method !== "GET") headers["Content-Type"] = "application/json";
  const written = body === undefined ? undefined : JSON.stringify(body);
  const signed = signs ? await proof(method, path, written) : null;
  if (signed) headers["Moments-Proof"] = signed;
  headers["Moments-Idle"] = String(untouched());
  let response: Response;
  let text: string;
  try {
    response = await fetch(at(path), {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(WAIT_MS),
      ...(written === undefined ? {} : { body: written }),
    });
    text = await response.text();
  } catch (error) {
    throw new Unreachable(String(error));
  }
  challenged(response.headers.get("Moments-Challenge"));
  return { response, parsed: parse(text) };
}

export const get = <T>(path: string): Promise<T> => request<T>("GET", path);

/** Writes, once however often it is sent: the key names this very act. */
export const post = <T>(path: string, body: unknown = {}, key: string = newId()): Promise<T> =>
  request<T>("POST", path, body, key);

/** Reads a file as it is; throws Refused or Unreachable. */
export async function file(path: string): Promise<Blob> {
  await get("/api/session"); // a proof that was asked for anew is given there
  const signed = mayHaveKey() ? await proof("GET", path) : null;
  const answer = await fetch(at(path), { credentials: "same-origin", cache: "no-store", headers: signed ? { "Moments-Proof": signed } : {} }).catch((error: unknown) => {
    throw new Unreachable(String(error));
  });
  challenged(answer.headers.get("Moments-Challenge"));
  if (!answer.ok) throw new Refused(problemOf(answer, parse(await answer.text())));
  return answer.blob();
}

function parse(text: string): unknown {
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf(response: Response, parsed: unknown): Problem {
  const problem: Problem = { type: "about:blank", title: response.statusText, ...(parsed as object), status: response.status };
  const wait = Number(response.headers.get("Retry-After"));
  if (wait > 0) problem.retry_after_s ??= wait;
  return problem;
}
