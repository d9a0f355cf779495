import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// A muted or narrowed test is a test that cannot fail.
const mutedTests = [
  { name: 'fit', message: 'Run all tests.' },
  { name: 'fdescribe', message: 'Run all tests.' },
  { name: 'xit', message: 'Repair the test or remove it.' },
  { name: 'xtest', message: 'Repair the test or remove it.' },
  { name: 'xdescribe', message: 'Repair the test or remove it.' },
];
const mutedTestProperties = ['describe', 'it', 'test'].flatMap((object) => [
  { object, property: 'only', message: 'Run all tests.' },
  { object, property: 'skip', message: 'Repair the test or remove it.' },
  { object, property: 'todo', message: 'Write the test.' },
]);

export default defineConfig(
  globalIgnores(['dist', 'dist.*', '.data', 'docs/pictures']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // Nest's modules are classes with nothing but a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Takes what a loop reads after an await for what it read before it.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // A type argument that the caller names is a claim worth writing down.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Structural types are the point of a test double and of generated message classes.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An interface may promise what one of its implementations has at once.
      '@typescript-eslint/require-await': 'off',
      // Splits a text into its code points.
      '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }, 'string'] }],
      // Generated protocol code types its enumerations as numbers.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unnecessary-type-arguments': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: 'error',
      'max-depth': ['error', 3],
      'max-params': ['error', 5],
      'no-restricted-globals': ['error', ...mutedTests],
      'no-restricted-properties': ['error', ...mutedTestProperties],
    },
  },
  {
    files: ['**/*.spec.ts', '**/spec/**/*.ts', 'test/**/*.ts'],
    rules: {
      // expect(object.method) is how a spec names a method.
      '@typescript-eslint/unbound-method': 'off',
      // expect.objectContaining and its like are any, and so is what a spec reads from an answer: the expectations check it.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: { process: 'readonly', setTimeout: 'readonly', setInterval: 'readonly', clearInterval: 'readonly' },
    },
  },
  prettier,
);
