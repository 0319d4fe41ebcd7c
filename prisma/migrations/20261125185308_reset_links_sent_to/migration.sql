-- Nobody knows where the links that are open were sent: they live for half an hour, and are asked for again.
DELETE FROM "reset_links";

-- AlterTable
ALTER TABLE "reset_links" ADD COLUMN     "sent_to" TEXT NOT NULL;
