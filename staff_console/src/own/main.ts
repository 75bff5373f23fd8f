import { mount } from "svelte";
import Me from "./Me.svelte";
import { takeSecret } from "./api";
import "./own.css";
import { language, speak } from "./words.svelte";

speak(language());
mount(Me, { target: document.getElementById("page")!, props: { secret: takeSecret() } });
