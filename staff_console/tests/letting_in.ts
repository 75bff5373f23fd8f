import type { SignedIn } from "../src/lib/types";
import { openFor } from "../src/lib/vault";

/** The gateway lets somebody in, and gives its share of the key to what this tablet keeps for them. */
export const letIn = (staff: string, until = "2030-01-01T00:00:00.000Z", pin: string | null = null): Promise<void> =>
  openFor({ staff, name: staff, keep: { share: `share of ${staff}`, now: "2026-11-29T12:00:00.000Z", until, idle_s: 900 } } as SignedIn, pin);
