-- CreateEnum
CREATE TYPE "AuditOutcome" AS ENUM ('DONE', 'REFUSED');

-- CreateEnum
CREATE TYPE "LostPhoneDecision" AS ENUM ('APPROVED', 'REFUSED', 'WITHDRAWN');

-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "two_factor_from" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "address" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "shown_codes" TEXT,
ADD COLUMN     "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "user_agent" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "last_sign_in_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "known_devices" (
    "user_id" UUID NOT NULL,
    "device_key" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "known_devices_pkey" PRIMARY KEY ("user_id","device_key")
);

-- CreateTable
CREATE TABLE "recovery_codes" (
    "user_id" UUID NOT NULL,
    "code_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_codes_pkey" PRIMARY KEY ("user_id","code_hash")
);

-- CreateTable
CREATE TABLE "recovery_tries" (
    "user_id" UUID NOT NULL,
    "failed_in_row" INTEGER NOT NULL,
    "waiting_until" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_tries_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "two_factor_reminders" (
    "user_id" UUID NOT NULL,
    "deadline" TIMESTAMPTZ(3) NOT NULL,
    "days" INTEGER NOT NULL,

    CONSTRAINT "two_factor_reminders_pkey" PRIMARY KEY ("user_id","deadline","days")
);

-- CreateTable
CREATE TABLE "reset_links" (
    "user_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "reset_links_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "role" "Role" NOT NULL,
    "open_for" TEXT,
    "token_hash" TEXT NOT NULL,
    "invited_by_id" UUID NOT NULL,
    "invited_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "accepted_at" TIMESTAMPTZ(3),
    "accepted_by_id" UUID,
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "lost_phone_requests" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "open_for" UUID,
    "withdraw_hash" TEXT NOT NULL,
    "note" TEXT NOT NULL,
    "address" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "decision" "LostPhoneDecision",
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "lost_phone_requests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rate_counts" (
    "key" TEXT NOT NULL,
    "count" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rate_counts_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "audit_records" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "outcome" "AuditOutcome" NOT NULL,
    "actor_id" UUID,
    "actor" TEXT NOT NULL,
    "subject_id" UUID,
    "subject" TEXT,
    "address" TEXT,
    "details" TEXT NOT NULL,
    "mac" TEXT NOT NULL,
    "position" INTEGER,
    "link" TEXT,

    CONSTRAINT "audit_records_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_chains" (
    "organization_id" UUID NOT NULL,
    "first_position" INTEGER NOT NULL,
    "first_link" TEXT NOT NULL,
    "last_position" INTEGER NOT NULL,
    "last_link" TEXT NOT NULL,
    "mac" TEXT NOT NULL,

    CONSTRAINT "audit_chains_pkey" PRIMARY KEY ("organization_id")
);

-- CreateIndex
CREATE INDEX "known_devices_last_seen_at_idx" ON "known_devices"("last_seen_at");

-- CreateIndex
CREATE UNIQUE INDEX "reset_links_token_hash_key" ON "reset_links"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_open_for_key" ON "invitations"("open_for");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_token_hash_key" ON "invitations"("token_hash");

-- CreateIndex
CREATE INDEX "invitations_organization_id_sent_at_idx" ON "invitations"("organization_id", "sent_at");

-- CreateIndex
CREATE UNIQUE INDEX "lost_phone_requests_open_for_key" ON "lost_phone_requests"("open_for");

-- CreateIndex
CREATE UNIQUE INDEX "lost_phone_requests_withdraw_hash_key" ON "lost_phone_requests"("withdraw_hash");

-- CreateIndex
CREATE INDEX "lost_phone_requests_organization_id_asked_at_idx" ON "lost_phone_requests"("organization_id", "asked_at");

-- CreateIndex
CREATE INDEX "lost_phone_requests_user_id_idx" ON "lost_phone_requests"("user_id");

-- CreateIndex
CREATE INDEX "rate_counts_since_idx" ON "rate_counts"("since");

-- CreateIndex
CREATE INDEX "audit_records_position_idx" ON "audit_records"("position");

-- CreateIndex
CREATE INDEX "audit_records_organization_id_at_id_idx" ON "audit_records"("organization_id", "at", "id");

-- CreateIndex
CREATE INDEX "audit_records_organization_id_actor_id_at_idx" ON "audit_records"("organization_id", "actor_id", "at");

-- CreateIndex
CREATE INDEX "audit_records_organization_id_subject_id_at_idx" ON "audit_records"("organization_id", "subject_id", "at");

-- CreateIndex
CREATE INDEX "audit_records_organization_id_kind_at_idx" ON "audit_records"("organization_id", "kind", "at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_records_organization_id_position_key" ON "audit_records"("organization_id", "position");

-- AddForeignKey
ALTER TABLE "known_devices" ADD CONSTRAINT "known_devices_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_tries" ADD CONSTRAINT "recovery_tries_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "two_factor_reminders" ADD CONSTRAINT "two_factor_reminders_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reset_links" ADD CONSTRAINT "reset_links_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lost_phone_requests" ADD CONSTRAINT "lost_phone_requests_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "lost_phone_requests" ADD CONSTRAINT "lost_phone_requests_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
