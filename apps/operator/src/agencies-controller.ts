import { randomBytes } from 'node:crypto';
import { Body, Controller, Get, Post, Redirect, Res, UseGuards } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { IsEmail, IsIn, IsInt, IsUUID, Length, Matches, Max, Min } from 'class-validator';
import { Type } from 'class-transformer';
import type { Response } from 'express';
import { CreateAgency, LogInTaken } from '#libs/commands';
import { Clock, OperatorConfiguration } from '#libs/configuration';
import type { KeyKind } from '#libs/credit';
import { issueKey, newSerial } from '#libs/keys';
import { dates, InvalidInput, Pages, readInput, type FieldFault } from '#libs/web';
import { AgencyAccess } from '#projections/agency-access';
import { navigation } from './navigation.js';
import { OperatorOnly } from './operator-only.js';

const EMAIL = 'Cette adresse e-mail n’est pas valable : vérifiez-la.';

class AgencyInput {
  @Matches(/^[A-Za-z0-9-]{1,20}$/, { message: 'Le code a de 1 à 20 lettres, chiffres ou tirets.' })
  code: string;

  @Length(1, 120, { message: 'Indiquez la raison sociale, 120 caractères au plus.' })
  name: string;

  @IsEmail({}, { message: EMAIL })
  email: string;

  @IsEmail({}, { message: EMAIL })
  managerEmail: string;

  @Length(2, 120, { message: 'Indiquez le nom du gestionnaire, de 2 à 120 caractères.' })
  managerName: string;
}

class KeyInput {
  @IsUUID('all', { message: 'Choisissez une agence de la liste.' })
  agencyId: string;

  @IsIn(['activation', 'recharge'], { message: 'Choisissez activation ou recharge.' })
  kind: KeyKind;

  @Type(() => Number)
  @IsInt({ message: 'Indiquez un nombre de signatures de 1 à 100 000.' })
  @Min(1, { message: 'Indiquez un nombre de signatures de 1 à 100 000.' })
  @Max(100_000, { message: 'Indiquez un nombre de signatures de 1 à 100 000.' })
  signatures: number;
}

type Texts = Readonly<Record<string, unknown>>;

/** The agencies of the service: creating one, and issuing the keys that it pays for where the private key is at hand. */
@Controller()
@UseGuards(OperatorOnly)
export class AgenciesController {
  constructor(
    private readonly access: AgencyAccess,
    private readonly commands: CommandBus,
    private readonly configuration: OperatorConfiguration,
    private readonly pages: Pages,
    private readonly clock: Clock,
  ) {}

  @Get()
  @Redirect('/agences', 303)
  enter(): void {}

  @Get('agences')
  async show(@Res() response: Response): Promise<void> {
    response.send(await this.page({}));
  }

  @Post('agences')
  async create(@Body() form: Texts, @Res() response: Response): Promise<void> {
    await this.attempt(response, form, async () => {
      const { code, name, email, managerEmail, managerName } = readInput(AgencyInput, form);
      const password = randomBytes(15).toString('base64url');
      const manager = { email: managerEmail, name: managerName, password };
      const agencyId = await this.commands.execute(new CreateAgency({ code, name, email }, manager, 'operator'));
      return { created: { agencyId, managerEmail, password } };
    });
  }

  @Post('cles')
  async issue(@Body() form: Texts, @Res() response: Response): Promise<void> {
    const { PLI_KEYS_PRIVATE } = this.configuration;
    await this.attempt(response, form, async () => {
      const { agencyId, kind, signatures } = readInput(KeyInput, form);
      const known = (await this.access.agencies()).some(({ id }) => id === agencyId);
      if (!known || PLI_KEYS_PRIVATE === undefined) {
        throw new InvalidInput([{ field: 'agencyId', message: 'Choisissez une agence de la liste.' }]);
      }
      const serial = newSerial();
      return { issued: { serial, key: issueKey(PLI_KEYS_PRIVATE, { serial, kind, agencyId, signatures }) } };
    });
  }

  /** Where a form leaves the address bar. */
  @Get('cles')
  @Redirect('/agences', 303)
  afterIssue(): void {}

  private async attempt(response: Response, form: Texts, carryOut: () => Promise<object>): Promise<void> {
    try {
      response.send(await this.page({ ...(await carryOut()) }));
    } catch (error) {
      const faults = faultsOf(error);
      if (!faults) throw error;
      const faultOf = Object.fromEntries(faults.map(({ field, message }) => [field, message]));
      response.status(422).send(await this.page({ form, faultOf }));
    }
  }

  private async page(shown: Record<string, unknown>): Promise<string> {
    const [agencies, locked] = await Promise.all([this.access.agencies(), this.access.locked(this.clock.now())]);
    const names = new Map(agencies.map(({ id, name }) => [id, name]));
    return this.pages.render('agencies', {
      title: 'Agences',
      ...navigation('/agences'),
      agencies: agencies.map((agency) => ({ ...agency, since: dates.day(agency.registeredAt) })),
      locked: locked.map(({ email, agencyId, lockedUntil }) => ({
        email,
        agency: names.get(agencyId) ?? agencyId,
        until: dates.dayAndTime(lockedUntil),
      })),
      mayIssue: this.configuration.PLI_KEYS_PRIVATE !== undefined,
      ...shown,
    });
  }
}

function faultsOf(error: unknown): readonly FieldFault[] | undefined {
  if (error instanceof InvalidInput) return error.faults;
  return error instanceof LogInTaken ? [{ field: 'managerEmail', message: error.message }] : undefined;
}
