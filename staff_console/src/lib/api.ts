import type { Problem } from "./types";
import { newId } from "./ids";
import { at } from "./place";

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
export async function request<T>(method: string, path: string, body?: unknown, key?: string): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET") headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let response: Response;
  let text: string;
  try {
    response = await fetch(at(path), {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.timeout(WAIT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    throw new Unreachable(String(error));
  }
  const parsed = parse(text);
  if (response.ok) return parsed as T;
  throw new Refused(problemOf(response, parsed));
}

export const get = <T>(path: string): Promise<T> => request<T>("GET", path);

/** Writes, once however often it is sent: the key names this very act. */
export const post = <T>(path: string, body: unknown = {}, key: string = newId()): Promise<T> =>
  request<T>("POST", path, body, key);

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
