# One image for every process of Pli; docker-compose.yml says which one a container runs.
FROM node:24-bookworm-slim AS build
WORKDIR /pli
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build && npm prune --omit=dev

FROM node:24-bookworm-slim
# Chromium prints the documents; its fonts are the project's own, embedded in every document.
RUN apt-get update && apt-get install --yes --no-install-recommends chromium && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production PUPPETEER_EXECUTABLE_PATH=/usr/bin/chromium
WORKDIR /pli
COPY --from=build /pli/package.json ./
COPY --from=build /pli/node_modules ./node_modules
COPY --from=build /pli/dist ./dist
RUN mkdir /data /authority && chown node:node /data /authority
USER node
