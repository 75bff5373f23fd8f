/** What a program may be given, by whoever gives it; the gateway holds to it. */
export const SCOPES = [
  "read:presence", "read:alerts", "read:customers", "read:preferences", "read:consents", "read:service", "read:readers", "read:staff",
  "write:alerts", "write:service", "write:preferences", "write:customers", "write:consents", "write:expected", "write:menus", "write:points", "write:staff",
] as const;

/** Scopes whose rights IT has itself. */
const OF_IT: readonly string[] = ["read:consents", "read:readers", "read:staff", "write:customers", "write:consents", "write:staff"];

/** The scopes that somebody may give: managers all of them, IT what it may do itself. */
export const givable = (manager: boolean): string[] => SCOPES.filter((scope) => manager || OF_IT.includes(scope));
