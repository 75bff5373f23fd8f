import { mount } from "svelte";
import "../app.css";
import Office from "./Office.svelte";
import "./hub.css";
import { language, speak } from "./words.svelte";

const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => (document.documentElement.dataset.theme = dark.matches ? "dark" : "light");
dark.addEventListener("change", paint);
paint();
speak(language());
mount(Office, { target: document.getElementById("office")! });
