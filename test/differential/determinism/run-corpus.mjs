// Prints, as JSON, what the programs of the corpus come to in this runtime: node run-corpus.mjs
import { measureCorpus } from "./measure-corpus.mjs";

console.log(JSON.stringify(await measureCorpus()));
