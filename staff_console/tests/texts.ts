/** Both languages are at hand before a test of what is on the page speaks one. */
if ("localStorage" in globalThis) {
  const { learn } = await import("../src/lib/i18n/index.svelte");
  await Promise.all([learn("zh-CN"), learn("en")]);
}

export {};
