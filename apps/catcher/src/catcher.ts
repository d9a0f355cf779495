import { InboxFeed } from './inbox-feed.js';
import { startMailServer } from './mail-server.js';
import type { Incoming } from './message.js';
import { MessageStore } from './message-store.js';
import type { Settings } from './settings.js';
import { startWebServer } from './web-server.js';

export interface Catcher {
  /** Address of the page, of `/api/messages` and of `/sms`. */
  url: string;
  smtpUrl: string;
  /** Ends both servers and closes the file. */
  close(): Promise<void>;
}

/**
 * Starts the catcher: an SMTP server and an SMS gateway that keep every message and pass none on, and a page that shows them.
 * @throws the error of `listen` when a port is taken, or of the file system; nothing is left open then
 */
export async function startCatcher({ host, port, smtpPort, data }: Settings): Promise<Catcher> {
  const store = new MessageStore(data);
  const feed = new InboxFeed();
  const opened: { close(): Promise<void> }[] = [];
  const close = async (): Promise<void> => {
    feed.close();
    await Promise.all(opened.map((server) => server.close()));
    store.close();
  };
  const keep = (incoming: readonly Incoming[]) => {
    const kept = store.add(incoming);
    feed.announce(kept);
    return kept;
  };
  try {
    const web = await startWebServer({ host, port }, { store, feed, keep });
    opened.push(web);
    const mail = await startMailServer({ host, port: smtpPort }, keep);
    opened.push(mail);
    return { url: `http://${host}:${web.port}`, smtpUrl: `smtp://${host}:${mail.port}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
