// Undoes what scripts/prepack.mjs did to package.json.
import { readPackage, writePackage } from './package-json.mjs';

const { engines, ...rest } = readPackage();
if (engines !== undefined) writePackage(rest);
