/** Whether the screen is turned to a guest, and how that ended: all that the rest of the app knows of it. */
export type BrokenOff = "left" | "idle" | null;

class Turned {
  open = $state(false);
  /** It was broken off, and nothing of it was kept; null once somebody has read that. */
  brokenOff = $state<BrokenOff>(null);
  /** Ends it where it is open. */
  end: (because: BrokenOff) => void = () => {};
}

export const turned = new Turned();
