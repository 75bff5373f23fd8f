import { delicate, type Topic } from "./delicate";

/** Stands before "save": a text that touches something delicate goes through only when it is confirmed. */
export class Guard {
  topics = $state.raw<Topic[]>([]);
  private confirmed = "";

  /** Returns whether `text` may be saved now; otherwise says what it touches. */
  passes(text: string): boolean {
    this.topics = text === this.confirmed ? [] : delicate(text);
    return this.topics.length === 0;
  }

  /** The person means it: this very text passes from now on. */
  confirm(text: string): void {
    this.confirmed = text;
    this.topics = [];
  }

  clear(): void {
    this.topics = [];
  }
}
