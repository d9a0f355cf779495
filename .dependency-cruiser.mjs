// The borders of docs/decisions/0002-borders.md, checked by `npm test`. One table says what each folder may import of ours;
// a folder that is not in it may import nothing, so that a new one gets its line here.
const DOMAIN = [
  'libs/letter',
  'libs/credit',
  'libs/campaign',
  'libs/directory',
  'libs/reminders',
  'libs/filing',
  'libs/proof',
  'libs/templates',
  'libs/legal-profile',
];

const MAY_IMPORT = {
  'libs/letter': DOMAIN,
  'libs/credit': DOMAIN,
  'libs/campaign': DOMAIN,
  'libs/directory': DOMAIN,
  'libs/reminders': DOMAIN,
  'libs/filing': DOMAIN,
  'libs/proof': DOMAIN,
  'libs/templates': DOMAIN,
  'libs/legal-profile': [],
  'libs/keys': DOMAIN,
  'libs/configuration': [],
  'libs/chain': [],
  'libs/event-store': [...DOMAIN, 'libs/chain'],
  'libs/embedded-event-store': [],
  'libs/evidence': [...DOMAIN, 'libs/chain'],
  'libs/dossier': [...DOMAIN, 'libs/chain', 'libs/evidence'],
  'libs/documents': [],
  'libs/messaging': [],
  'libs/web': ['libs/configuration'],
  'libs/commands': [...DOMAIN, 'libs/event-store', 'libs/configuration', 'libs/documents'],
  'projections/engine': [...DOMAIN, 'libs/event-store'],
  'projections/all': ['projections'],
};

// Specs, and what they share in folders named spec: they are not built, and the store they run on is the embedded one.
const SPEC = '(\\.spec\\.ts$|/spec/)';
const STORE_OF_SPECS = 'libs/embedded-event-store';
const OURS = '^(apps|libs|projections|test)/';
const folder = (path) => `^${path}/`;

const borders = Object.entries(MAY_IMPORT).flatMap(([from, allowed]) => [
  {
    name: `border-of-${from.replace('/', '-')}`,
    comment: `${from} may import of ours: ${allowed.filter((path) => path !== from).join(', ') || 'nothing'}.`,
    severity: 'error',
    from: { path: folder(from), pathNot: SPEC },
    to: { path: OURS, pathNot: [from, ...allowed].map(folder) },
  },
  {
    name: `border-of-specs-of-${from.replace('/', '-')}`,
    comment: `Specs of ${from} may import what it may, and ${STORE_OF_SPECS}.`,
    severity: 'error',
    from: { path: `^${from}/.*${SPEC}` },
    to: { path: OURS, pathNot: [from, ...allowed, STORE_OF_SPECS].map(folder) },
  },
]);

export default {
  forbidden: [
    ...borders,
    {
      name: 'border-of-every-projection',
      comment: 'A projection may import the domain, libs/event-store and projections/engine, but no other projection.',
      severity: 'error',
      from: { path: '^projections/([^/]+)/', pathNot: ['projections/engine', 'projections/all'].map(folder) },
      to: {
        path: OURS,
        pathNot: [
          '^projections/$1/',
          ...[...DOMAIN, 'libs/event-store', 'projections/engine', STORE_OF_SPECS].map(folder),
        ],
      },
    },
    {
      name: 'border-of-every-app',
      comment: 'Applications compose libraries and projections; they do not import each other, nor the tests.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^(apps|test)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'library-without-border',
      comment: 'Give the new library its line in MAY_IMPORT, and in docs/decisions/0002-borders.md.',
      severity: 'error',
      from: { path: '^libs/', pathNot: Object.keys(MAY_IMPORT).map(folder) },
      to: { path: OURS },
    },
    {
      name: 'pure-domain',
      comment: 'The domain has no framework, no I/O and no clock: it imports no npm package and nothing of Node.js.',
      severity: 'error',
      from: { path: DOMAIN.map(folder), pathNot: SPEC },
      to: { pathNot: OURS },
    },
    {
      name: 'only-the-event-store-application-is-a-store',
      comment: 'Everybody else reaches the store through libs/event-store and a connection string.',
      severity: 'error',
      from: {
        path: '^(apps|libs|projections)/',
        pathNot: [SPEC, ...[STORE_OF_SPECS, 'apps/event-store'].map(folder)],
      },
      to: { path: folder(STORE_OF_SPECS) },
    },
    {
      name: 'through-the-index',
      comment: 'Of another library or projection only what its index exports (#libs/<name>, #projections/<name>).',
      severity: 'error',
      from: { path: '^((?:libs|projections|apps)/[^/]+)/' },
      to: { path: '^(libs|projections)/', pathNot: ['^$1/', '^(libs|projections)/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'no-circle',
      severity: 'error',
      comment: 'Two files that need each other are one file, or a third one is missing.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'This import leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-package-in-the-product',
      comment: 'The production image carries no devDependencies.',
      severity: 'error',
      from: { path: '^(apps|libs|projections)/', pathNot: SPEC },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|dist\\..*|\\.data)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
