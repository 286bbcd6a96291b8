// Judges bodies by a schema with ajv: one letter a line, for every line of base64 that is read.
//
// v fits, i does not, u cannot be read as JSON or nests too deep.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const require = createRequire(process.env.VALIDATORS + "/");
const Ajv = require("ajv/dist/2020").default;

// JSON.parse makes Infinity of a number like 1e400, which is a number all the same.
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, strictTuples: false, strictNumbers: false });
const schema = JSON.parse(readFileSync(process.argv[2], "utf8"));
if (!ajv.validateSchema(schema)) throw new Error(JSON.stringify(ajv.errors));
const isValid = ajv.compile(schema);
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const verdicts = [];
for await (const line of createInterface({ input: process.stdin })) {
  try {
    const body = JSON.parse(decoder.decode(Buffer.from(line, "base64")));
    verdicts.push(isValid(body) ? "v" : "i");
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError)) throw error;
    verdicts.push("u");
  }
}
process.stdout.write(verdicts.join("\n") + "\n");
