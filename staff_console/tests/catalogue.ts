import { readFileSync } from "node:fs";
import { bookOf } from "../src/lib/catalogue";
import type { Catalogue } from "../src/lib/types";

/** The catalogue that every venue begins with. */
export const starter = JSON.parse(readFileSync("../gateway/records/catalogue.json", "utf8")) as Catalogue;

export const book = bookOf(starter);
