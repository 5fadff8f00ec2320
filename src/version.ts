// A constant, so that a browser knows it too; a test holds it to package.json.

/** This package's version, as models, runs and receipts say it. */
export const version = '0.1.0';
