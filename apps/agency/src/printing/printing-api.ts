import { Body, Controller, Get, HttpCode, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import type { Response } from 'express';
import type { PostalAddress } from '#libs/directory';
import { jobNumber, sheetsOf } from '#libs/letter';
import { answerPdf, readInput } from '#libs/web';
import type { PrintJobRow } from '#projections/print-queue';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, mustBeAllowedToSend, type Asker } from '../access/asker.js';
import { AddressInput } from '../parties/party-input.js';
import { MOST_AT_ONCE, PrintJobs } from './print-jobs.js';
import { PaperRequests } from './paper.js';

class PaperInput {
  /** Absent: the address that the directory knows. */
  @IsOptional()
  @ValidateNested({ message: 'L’adresse est un objet : street, complement, postcode, city, country.' })
  @Type(() => AddressInput)
  address?: AddressInput;
}

class QueueInput {
  @IsIn(['open', 'done'], { message: 'Demandez les plis à traiter (open) ou terminés (done).' })
  state: 'open' | 'done' = 'open';

  @IsOptional()
  @IsString({ message: 'La suite d’une liste se demande une seule fois.' })
  after?: string;

  @Type(() => Number)
  @IsInt({ message: 'Le nombre de plis par page va de 1 à 100.' })
  @Min(1, { message: 'Le nombre de plis par page va de 1 à 100.' })
  @Max(100, { message: 'Le nombre de plis par page va de 1 à 100.' })
  limit = 50;
}

class DownloadInput {
  @IsArray({ message: 'jobs est la liste des identifiants des bons.' })
  @ArrayMinSize(1, { message: 'Donnez l’identifiant d’au moins un bon.' })
  @ArrayMaxSize(MOST_AT_ONCE, { message: `Donnez ${MOST_AT_ONCE} identifiants au plus à la fois.` })
  @ArrayUnique({ message: 'Un identifiant est donné deux fois : retirez le doublon.' })
  @IsUUID('all', { each: true, message: 'Un identifiant n’est pas celui d’un bon.' })
  jobs: string[];
}

class DispatchInput {
  @IsString({ message: 'Le numéro de suivi est un texte.' })
  @MaxLength(60, { message: 'Le numéro de suivi est trop long : 35 lettres et chiffres au plus.' })
  trackingNumber: string;
}

/** Letters on paper for programs: README.md of this application is its reference. */
@Controller('api')
@UseGuards(ApiKeyHolder)
export class PrintingApi {
  constructor(
    private readonly jobs: PrintJobs,
    private readonly paper: PaperRequests,
  ) {}

  @Post('letters/:id/print')
  @HttpCode(202)
  async request(@Asking() asker: Asker, @Param('id') id: string, @Body() body: unknown): Promise<object> {
    mustBeAllowedToSend(asker);
    const { address } = readInput(PaperInput, body ?? {});
    const job = await this.paper.request(asker, id, address as PostalAddress | undefined);
    return { job, number: jobNumber(job), links: { self: `/api/print-jobs/${job}` } };
  }

  @Get('print-jobs')
  async list(@Asking() asker: Asker, @Query() query: Record<string, unknown>): Promise<object> {
    const { rows, next } = await this.jobs.list(asker, readInput(QueueInput, { ...query }));
    return { jobs: rows.map(jobAnswer), next };
  }

  @Get('print-jobs/:job')
  async show(@Asking() asker: Asker, @Param('job') job: string): Promise<object> {
    return jobAnswer(await this.jobs.find(asker, job));
  }

  @Get('print-jobs/:job/ticket')
  async ticket(@Asking() asker: Asker, @Param('job') job: string, @Res() response: Response): Promise<void> {
    const { bytes } = await this.jobs.ticket(asker, job);
    answerPdf(response, bytes, `Bon ${jobNumber(job)}`, 'attachment');
  }

  @Post('print-jobs/download')
  async download(@Asking() asker: Asker, @Body() body: unknown, @Res() response: Response): Promise<void> {
    mustBeAllowedToSend(asker);
    const { bytes } = await this.jobs.download(asker, readInput(DownloadInput, body).jobs);
    answerPdf(response.status(200), bytes, 'Plis', 'attachment');
  }

  @Post('print-jobs/:job/dispatch')
  @HttpCode(204)
  async dispatch(@Asking() asker: Asker, @Param('job') job: string, @Body() body: unknown): Promise<void> {
    mustBeAllowedToSend(asker);
    await this.jobs.dispatch(asker, job, readInput(DispatchInput, body).trackingNumber);
  }
}

function jobAnswer({ agencyId: _agency, print, ...row }: PrintJobRow): object {
  return {
    ...row,
    number: jobNumber(row.job),
    print: print && { ...print, sheets: sheetsOf(print.pages) },
    links: { self: `/api/print-jobs/${row.job}`, letter: `/api/letters/${row.letterId}` },
  };
}
