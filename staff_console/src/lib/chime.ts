import { settings } from "./settings.svelte";

/** A soft two-note chime and a short vibration for a card that is for me: heard by who holds the tablet, and nameless. */
const NOTES_HZ = [587.33, 880]; // D5, A5: a door bell heard through a wall
const NOTE_S = 0.22;
const LOUDNESS = 0.12;

let audio: AudioContext | null = null;

/** Makes sound possible; browsers want a touch first, and signing in is one. */
export function wakeSound(): void {
  audio ??= new AudioContext();
  void audio.resume();
}

export function chime(): void {
  if (settings().vibration && navigator.userActivation?.hasBeenActive) navigator.vibrate?.([80, 60, 80]);
  if (!settings().sound || audio?.state !== "running") return;
  NOTES_HZ.forEach((hz, i) => note(audio!, hz, audio!.currentTime + i * NOTE_S));
}

function note(context: AudioContext, hz: number, at: number): void {
  const tone = new OscillatorNode(context, { type: "sine", frequency: hz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + NOTE_S * 2.5);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + NOTE_S * 2.5);
}
