-- CreateEnum
CREATE TYPE "SmsCodePurpose" AS ENUM ('CHALLENGE', 'TEST');

-- CreateEnum
CREATE TYPE "SmsState" AS ENUM ('SENDING', 'SENT', 'DELIVERED', 'UNDELIVERED', 'REFUSED', 'UNKNOWN', 'UNANSWERED');

-- CreateEnum
CREATE TYPE "OutboxChannel" AS ENUM ('SMS', 'MAIL');

-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "sms_allowed_since" TIMESTAMPTZ(3),
ADD COLUMN     "sms_monthly_budget" INTEGER;

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "kept_form" TEXT;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "phone_number_at" TIMESTAMPTZ(3),
ADD COLUMN     "phone_verified_at" TIMESTAMPTZ(3),
ADD COLUMN     "sms_switched_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "sms_codes" (
    "session_id" UUID NOT NULL,
    "purpose" "SmsCodePurpose" NOT NULL,
    "user_id" UUID NOT NULL,
    "message_id" UUID NOT NULL,
    "code_hash" TEXT NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sms_codes_pkey" PRIMARY KEY ("session_id","purpose")
);

-- CreateTable
CREATE TABLE "sms_messages" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "country" TEXT NOT NULL,
    "number_key" TEXT NOT NULL,
    "prefix_key" TEXT NOT NULL,
    "address_key" TEXT NOT NULL,
    "post_digest" TEXT,
    "state" "SmsState" NOT NULL,
    "failure_cause" TEXT,
    "provider_id" TEXT,
    "price" DECIMAL(12,8),
    "currency" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sms_messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sms_refusals" (
    "organization_id" UUID NOT NULL,
    "month" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sms_refusals_pkey" PRIMARY KEY ("organization_id","month","reason")
);

-- CreateTable
CREATE TABLE "sms_budget_notices" (
    "organization_id" UUID NOT NULL,
    "month" TEXT NOT NULL,
    "budget" INTEGER NOT NULL,
    "percent" INTEGER NOT NULL,

    CONSTRAINT "sms_budget_notices_pkey" PRIMARY KEY ("organization_id","month","budget","percent")
);

-- CreateTable
CREATE TABLE "mail_messages" (
    "id" UUID NOT NULL,
    "content" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "failed_at" TIMESTAMPTZ(3),

    CONSTRAINT "mail_messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox_messages" (
    "id" UUID NOT NULL,
    "channel" "OutboxChannel" NOT NULL,
    "to" TEXT NOT NULL,
    "subject" TEXT,
    "text" TEXT NOT NULL,
    "html" TEXT,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outbox_messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "sms_codes_user_id_idx" ON "sms_codes"("user_id");

-- CreateIndex
CREATE INDEX "sms_codes_message_id_idx" ON "sms_codes"("message_id");

-- CreateIndex
CREATE INDEX "sms_messages_number_key_created_at_idx" ON "sms_messages"("number_key", "created_at");

-- CreateIndex
CREATE INDEX "sms_messages_prefix_key_created_at_idx" ON "sms_messages"("prefix_key", "created_at");

-- CreateIndex
CREATE INDEX "sms_messages_address_key_created_at_idx" ON "sms_messages"("address_key", "created_at");

-- CreateIndex
CREATE INDEX "sms_messages_user_id_created_at_idx" ON "sms_messages"("user_id", "created_at");

-- CreateIndex
CREATE INDEX "sms_messages_organization_id_created_at_idx" ON "sms_messages"("organization_id", "created_at");

-- CreateIndex
CREATE INDEX "sms_messages_created_at_idx" ON "sms_messages"("created_at");

-- CreateIndex
CREATE INDEX "sms_messages_provider_id_idx" ON "sms_messages"("provider_id");

-- CreateIndex
CREATE INDEX "mail_messages_next_attempt_at_idx" ON "mail_messages"("next_attempt_at");

-- CreateIndex
CREATE INDEX "outbox_messages_sent_at_idx" ON "outbox_messages"("sent_at");

-- AddForeignKey
ALTER TABLE "sms_codes" ADD CONSTRAINT "sms_codes_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sms_codes" ADD CONSTRAINT "sms_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sms_codes" ADD CONSTRAINT "sms_codes_message_id_fkey" FOREIGN KEY ("message_id") REFERENCES "sms_messages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sms_messages" ADD CONSTRAINT "sms_messages_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sms_messages" ADD CONSTRAINT "sms_messages_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sms_refusals" ADD CONSTRAINT "sms_refusals_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sms_budget_notices" ADD CONSTRAINT "sms_budget_notices_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
