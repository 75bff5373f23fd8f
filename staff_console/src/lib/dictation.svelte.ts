/** Speech to text, where the browser has it. Sound is never kept here; some browsers send it to their maker to be written down. */
import { language } from "./i18n/index.svelte";
import { settings } from "./settings.svelte";

interface Recognition {
  lang: string;
  interimResults: boolean;
  processLocally?: boolean;
  onresult: ((event: { results: ArrayLike<ArrayLike<{ transcript: string }>> }) => void) | null;
  onend: (() => void) | null;
  onerror: (() => void) | null;
  start(): void;
  stop(): void;
}
type Maker = new () => Recognition;

const maker = (): Maker | undefined => {
  const w = globalThis as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
  return w.SpeechRecognition ?? w.webkitSpeechRecognition;
};

/** Whether this browser can write down what is said; most want a secure page for it. */
export const canDictate = (): boolean => maker() !== undefined;

export const dictates = (): boolean => canDictate() && settings().dictation;

export class Dictation {
  listening = $state(false);
  private heard: Recognition | null = null;

  /** Listens until the speaker pauses; `say` gets the whole text as it grows. */
  toggle(say: (text: string) => void): void {
    if (this.listening) return this.stop();
    const Made = maker();
    if (!Made) return;
    const one = new Made();
    this.heard = one;
    one.lang = language();
    one.interimResults = true;
    one.onresult = ({ results }) => say(Array.from(results, (result) => result[0]?.transcript ?? "").join(""));
    one.onend = one.onerror = () => (this.listening = false);
    try {
      one.start();
      this.listening = true;
    } catch {
      this.listening = false; // the microphone is somebody else's
    }
  }

  stop(): void {
    this.heard?.stop();
    this.listening = false;
  }
}
