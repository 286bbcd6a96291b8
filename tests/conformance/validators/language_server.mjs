// What an editor makes of a schema: the language service of Visual Studio Code's JSON mode, run without an editor.
//
// Reads the schema and a list of questions, each with a document in which | is the caret: what completes there, what is
// told of what is there, and what is underlined. Answers them as JSON, in their order.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.env.VALIDATORS + "/");
const { getLanguageService, TextDocument } = require("vscode-json-languageservice");

const [schemaFile, questionsFile] = process.argv.slice(2);
const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
const uri = "file:///schema.json";
const service = getLanguageService({ schemaRequestService: () => Promise.reject(new Error("nothing else is read")) });
service.configure({ validate: true, schemas: [{ uri, fileMatch: ["*.json"], schema }] });

async function answer({ text }) {
  const caret = text.indexOf("|");
  const document = TextDocument.create("file:///job.json", "json", 1, text.replace("|", ""));
  const parsed = service.parseJSONDocument(document);
  const position = document.positionAt(Math.max(caret, 0));
  const completions = await service.doComplete(document, position, parsed);
  const hover = await service.doHover(document, position, parsed);
  const diagnostics = await service.doValidation(document, parsed);
  return {
    completions: completions.items.map((item) => item.label),
    hover: hover === null ? "" : hover.contents.map((part) => part.value ?? part).join("\n"),
    diagnostics: diagnostics.map(({ message, range }) => ({ message, text: document.getText(range) })),
  };
}

const answers = [];
for (const question of JSON.parse(readFileSync(questionsFile, "utf8"))) answers.push(await answer(question));
process.stdout.write(JSON.stringify(answers));
