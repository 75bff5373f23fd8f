/**
 * Passkeys: the browser asks an authenticator, the gateway checks what it signs. What goes over the wire is base64url.
 * The device's own key signs the requests as ever: a passkey says who, that key says which tablet.
 */
import { Refused, Unreachable, get, post } from "./api";
import { deviceKey } from "./device";
import { letIn } from "./session";
import type { CeremonyOptions, SignIn, SignedIn } from "./types";
import { isDistrusted } from "./updates.svelte";
import type { PasskeyWord } from "./passkey_words";

interface Descriptor {
  id: string;
  type: "public-key";
  transports?: AuthenticatorTransport[];
}

interface Options {
  challenge: string;
  user: { id: string; name: string; displayName: string };
  excludeCredentials?: Descriptor[];
  allowCredentials?: Descriptor[];
}

/** Whether this browser can ask an authenticator for this page. */
export const canAsk = (): boolean => globalThis.isSecureContext && "PublicKeyCredential" in globalThis && !isDistrusted();

/** Returns why this browser asks none; null where it does. */
export function browserHindrance(): PasskeyWord | null {
  if (canAsk()) return null;
  return isDistrusted() ? "distrusted" : "browser";
}

/** Whether somebody could sign in here with one. */
export const isOffered = async (): Promise<boolean> => canAsk() && (await get<SignIn>("/api/sign-in")).passkeys;

/** Signs in whoever's passkey is shown, `staff` where a name was picked; throws Refused, Unreachable or what the browser throws. */
export async function signInWithPasskey(staff: string | null): Promise<void> {
  const said = await shown("/api/sign-in/passkey/challenge");
  const key = await deviceKey();
  await letIn(await post<SignedIn>("/api/sign-in/passkey", { ...said, ...(staff ? { staff } : {}), ...(key ? { key } : {}) }), true);
}

/** Opens the screen again for whoever is at it. */
export async function unlockWithPasskey(): Promise<void> {
  await letIn(await post<SignedIn>("/api/unlock/passkey", await shown("/api/unlock/passkey/challenge")), false);
}

/** Has an authenticator make one, for whoever gives their PIN again. */
export async function addPasskey(pin: string, name: string): Promise<void> {
  const options = JSON.parse((await post<CeremonyOptions>("/api/session/passkeys/challenge", { pin })).options) as Options;
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: (options.excludeCredentials ?? []).map(described),
  } as unknown as PublicKeyCredentialCreationOptions;
  const made = (await navigator.credentials.create({ publicKey })) as PublicKeyCredential;
  const { clientDataJSON, attestationObject } = made.response as AuthenticatorAttestationResponse;
  await post("/api/session/passkeys", { name, id: made.id, client_data: text(clientDataJSON), attestation: text(attestationObject) });
}

/** Returns what to say of something that went wrong while one was shown. */
export function wentWrong(error: unknown): PasskeyWord {
  if (error instanceof Unreachable) return "unreachable";
  if (!(error instanceof Refused)) return "cancelled"; // the browser does not say why, on purpose
  return error.problem.status === 429 ? "wait" : "refused";
}

async function shown(path: string): Promise<Record<string, string>> {
  const options = JSON.parse((await post<CeremonyOptions>(path)).options) as Options;
  const publicKey = {
    ...options,
    challenge: bytes(options.challenge),
    allowCredentials: (options.allowCredentials ?? []).map(described),
  } as unknown as PublicKeyCredentialRequestOptions;
  const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
  const { clientDataJSON, authenticatorData, signature } = found.response as AuthenticatorAssertionResponse;
  return { id: found.id, client_data: text(clientDataJSON), authenticator_data: text(authenticatorData), signature: text(signature) };
}

const described = (one: Descriptor) => ({ ...one, id: bytes(one.id) });

function bytes(said: string): Uint8Array<ArrayBuffer> {
  const raw = atob(said.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

const text = (raw: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(raw))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
