/** Where this console lies: at the top of its host, or below a path where a proxy serves it. */
const HERE = new URL(".", globalThis.document?.baseURI ?? "http://localhost/");

/** Returns the address of one of the gateway's own paths, `/api/…`, from where this console lies. */
export const at = (path: string): string => HERE.pathname + path.replace(/^\//, "");

/** Returns the address of the live socket. */
export const socketAt = (path: string): string => `${HERE.protocol === "https:" ? "wss" : "ws"}://${HERE.host}${at(path)}`;
