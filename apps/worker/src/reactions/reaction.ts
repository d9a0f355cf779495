import { applyDecorators, Controller, UseFilters } from '@nestjs/common';
import { HandlerFailureFilter } from '#libs/event-store';

/** A class whose `@EventPattern` methods react to events; the reason why one failed reaches the log and the parked event. */
export const Reaction = (): ClassDecorator => applyDecorators(Controller(), UseFilters(HandlerFailureFilter));
