-- DropIndex
DROP INDEX "mail_messages_next_attempt_at_idx";

-- AlterTable
ALTER TABLE "mail_messages" ADD COLUMN     "is_bulk" BOOLEAN NOT NULL DEFAULT false;

-- CreateIndex
CREATE INDEX "mail_messages_is_bulk_next_attempt_at_idx" ON "mail_messages"("is_bulk", "next_attempt_at");

-- In another order than that of its bytes, an index does not find a key by its beginning.
ALTER TABLE "password_tries" ALTER COLUMN "key" TYPE TEXT COLLATE "C";
