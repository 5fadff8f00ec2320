// This package's version: it goes into models, runs and receipts. A constant, so that a browser knows it too; a test holds it
// to package.json.

export const version = '0.1.0';
