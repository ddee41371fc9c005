// Undoes what scripts/prepack.mjs did to package.json and to the pages.
import { restoreDocs } from './package-docs.mjs';
import { readPackage, writePackage } from './package-json.mjs';

const { engines, ...rest } = readPackage();
if (engines !== undefined) writePackage(rest);
restoreDocs();
