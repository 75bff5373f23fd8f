/** A link that pairs this tablet: `#/pair/CODE`. What stands behind the # is sent to nobody and is in no log. */
const LINK = /^#\/pair\/(\w+)$/;

const inHash = (): string => LINK.exec(location.hash)?.[1] ?? "";

let code = $state(inHash());

addEventListener("hashchange", () => (code = inHash()));

/** Returns the code of the link by which this tablet was opened; empty where it was opened otherwise. */
export const pairingCode = (): string => code;

/** The code was used, or will not be: it must not be tried again at the next start. */
export function forgetCode(): void {
  history.replaceState(null, "", location.pathname);
  code = "";
}
