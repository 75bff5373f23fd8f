/** A part of a language's texts, as `texts.ts` cuts them. */
declare module "*.json?first" {
  const texts: Partial<Record<import("./index.svelte").Key, string>>;
  export default texts;
}

declare module "*.json?later" {
  const texts: Partial<Record<import("./index.svelte").Key, string>>;
  export default texts;
}
