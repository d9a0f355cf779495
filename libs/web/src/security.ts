import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import { EdgeFailure } from './problem.js';

/**
 * The headers of every answer: no inline script or style, no framing, no referrer to another site, nothing from
 * another origin. Pages print user data, so they are never cached.
 */
export const securityHeaders = (secure: boolean) => [
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        frameSrc: ["'self'"],
        objectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
        baseUri: ["'none'"],
        ...(secure ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    // Not `no-referrer`: browsers that do not tell Sec-Fetch-Site would then post our own forms with `Origin: null` (Fetch §3.1).
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: secure,
    // Off loopback a plain-HTTP origin is not trustworthy and browsers ignore it with a warning.
    crossOriginOpenerPolicy: secure,
    originAgentCluster: secure,
  }),
  (request: Request, response: Response, next: NextFunction): void => {
    if (!request.path.startsWith('/assets/')) response.setHeader('Cache-Control', 'no-store');
    next();
  },
];

/**
 * Refuses a state-changing request that a page of another site makes a browser send (OWASP CSRF cheat sheet, Fetch Metadata and
 * Origin check). Programs send neither header and carry no cookie that a browser would add by itself.
 */
export function sameOriginOnly(ownOrigin: string) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return next();
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const foreign = site ? site !== 'same-origin' && site !== 'none' : origin !== undefined && origin !== ownOrigin;
    next(foreign ? CROSS_SITE() : undefined);
  };
}

const CROSS_SITE = () =>
  new EdgeFailure({
    status: 403,
    code: 'CROSS_SITE',
    title: 'Cette demande vient d’un autre site : ouvrez la page du service et recommencez.',
  });
