import { Controller, Get, Param, Post, Put, Req, Res, UseGuards } from '@nestjs/common';
import type { Request, Response } from 'express';
import { readInput } from '#libs/web';
import { ApiKeyHolder } from '../access/api-key-holder.js';
import { Asking, type Asker } from '../access/asker.js';
import { InvitationInput, RoleInput } from './team-input.js';
import { Team } from './team.js';

/** The team for programs, as an agency's software keeps its own users: README.md of this application is its reference. */
@Controller('api/users')
@UseGuards(ApiKeyHolder)
export class TeamApi {
  constructor(private readonly team: Team) {}

  @Get()
  async list(@Asking() asker: Asker, @Res() response: Response): Promise<void> {
    response.json({ users: await this.team.members(asker) });
  }

  @Get(':userId')
  async show(@Asking() asker: Asker, @Param('userId') userId: string, @Res() response: Response): Promise<void> {
    response.json(await this.team.member(asker, userId));
  }

  @Post()
  async invite(@Asking() asker: Asker, @Req() request: Request, @Res() response: Response): Promise<void> {
    const invited = await this.team.invite(asker, readInput(InvitationInput, request.body ?? {}));
    response.status(201).location(`/api/users/${invited.userId}`).json(invited);
  }

  @Put(':userId/role')
  async changeRole(
    @Asking() asker: Asker,
    @Param('userId') userId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    await this.team.member(asker, userId);
    const { role } = readInput(RoleInput, request.body ?? {});
    response.json(await this.team.changeRole(asker, userId, role));
  }

  @Post(':userId/deactivation')
  async deactivate(@Asking() asker: Asker, @Param('userId') userId: string, @Res() response: Response): Promise<void> {
    response.json(await this.team.change(asker, userId, 'deactivateUser'));
  }

  @Post(':userId/reactivation')
  async reactivate(@Asking() asker: Asker, @Param('userId') userId: string, @Res() response: Response): Promise<void> {
    response.json(await this.team.change(asker, userId, 'reactivateUser'));
  }
}
