import 'reflect-metadata';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { InvalidInput, type FieldFault } from './problem.js';

const UNKNOWN_FIELD = 'Ce champ est inconnu : retirez-le de la demande.';

/**
 * Reads an untrusted value as an instance of a class whose fields bear class-validator's decorators.
 *
 * @throws InvalidInput with a French sentence for each wrong field; unknown fields are wrong.
 */
export function readInput<T extends object>(type: new () => T, value: unknown): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInput([{ field: '', message: 'La demande doit être un objet JSON.' }]);
  }
  const instance = plainToInstance(type, value, { exposeDefaultValues: true });
  const faults = validateSync(instance, { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true });
  if (faults.length > 0) throw new InvalidInput(faults.flatMap((fault) => fieldFaults(fault, '')));
  return instance;
}

function fieldFaults(error: ValidationError, parent: string): FieldFault[] {
  const field = parent ? `${parent}.${error.property}` : error.property;
  const own = Object.entries(error.constraints ?? {}).map(([rule, message]) => ({
    field,
    message: rule === 'whitelistValidation' ? UNKNOWN_FIELD : message,
  }));
  return [...own, ...(error.children ?? []).flatMap((child) => fieldFaults(child, field))];
}
