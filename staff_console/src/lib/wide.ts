import { MediaQuery } from "svelte/reactivity";

/** Whether two columns fit: a tablet held in landscape. The same width is in the style sheets. */
export const wide = new MediaQuery("min-width: 1000px");
/** Whether it is a phone, or a part of a screen that is no wider. */
export const narrow = new MediaQuery("max-width: 480px");
