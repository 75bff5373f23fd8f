import { mount } from "svelte";
import App from "./App.svelte";
import "./app.css";
import { language, learn, learnFirst, type Language } from "./lib/i18n/index.svelte";

const OTHER: Record<Language, Language> = { "zh-CN": "en", en: "zh-CN" };
const AGAIN_MS = 2_000;
const target = document.getElementById("app")!;

/** Begins once there are words to speak; the rest and the other language are read after that, at hand when somebody asks for them. */
async function begin(): Promise<void> {
  try {
    await learnFirst(language());
  } catch {
    setTimeout(begin, AGAIN_MS);
    return;
  }
  target.replaceChildren();
  mount(App, { target });
  setTimeout(() => void learn().then(() => learn(OTHER[language()])).catch(() => {}), AGAIN_MS);
}

void begin();
