// Makes the API reference of the docstrings: `node docs/api/make.mjs` writes `docs/api/site/`, HTML that needs no server and no
// network. TypeDoc reads programs with the compiler's API, which the project's own version of TypeScript has not; so it
// is installed here, with a version that has it, and the project's dependencies stay as they are.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '../..');
const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** By its source file, what programs import: `src/entries/bench` is `genonnx/bench`. */
const names = new Map(
  Object.entries(entries).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : [[target.default.replace(/^\.\/dist\/(.*)\.js$/, '$1'), `genonnx${path.slice(1)}`]],
  ),
);

// As the repository's .npmrc does, also where npm takes another for the project's.
execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
  cwd: here,
  stdio: ['ignore', 2, 2],
});
const { Application, Converter } = await import('typedoc');

const app = await Application.bootstrap({
  name: 'genonnx',
  entryPoints: [...names.keys()].map((file) => join(root, `${file}.ts`)),
  basePath: root,
  tsconfig: join(root, 'tsconfig.build.json'),
  // Types are checked by `npm run check`, with the project's compiler.
  skipErrorChecking: true,
  readme: 'none',
  disableSources: true,
  validation: { notExported: false, invalidLink: true, notDocumented: false },
  treatWarningsAsErrors: true,
});
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children ?? []) {
    // TypeDoc calls src/index.ts by its folder.
    const name =
      names.get(module.name) ?? names.get(`${module.name}/index`) ?? names.get(`src/${module.name}`);
    if (name === undefined) throw new Error(`No entry is called ${module.name}.`);
    module.name = name;
  }
});
const project = await app.convert();
if (project === undefined) process.exit(3);
app.validate(project);
await app.generateDocs(project, join(here, 'site'));
process.exitCode = app.logger.hasErrors() || app.logger.hasWarnings() ? 3 : 0;
