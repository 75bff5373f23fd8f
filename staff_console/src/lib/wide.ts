import { MediaQuery } from "svelte/reactivity";

/** Whether two columns fit: a tablet held in landscape. The same width is in the style sheets. */
export const wide = new MediaQuery("min-width: 1000px");
