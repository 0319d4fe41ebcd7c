-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('OWNER', 'ADMIN', 'AGENT');

-- CreateEnum
CREATE TYPE "PasswordScheme" AS ENUM ('BCRYPT', 'HMAC_BCRYPT');

-- CreateEnum
CREATE TYPE "HalfOpenStage" AS ENUM ('ENROLLMENT', 'CHALLENGE');

-- CreateEnum
CREATE TYPE "SecondFactorMethod" AS ENUM ('TOTP', 'SMS', 'RECOVERY_CODE');

-- CreateTable
CREATE TABLE "organizations" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "two_factor_required" BOOLEAN NOT NULL DEFAULT false,
    "sms_allowed" BOOLEAN NOT NULL DEFAULT false,
    "sms_countries" TEXT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_changes" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "changed_by_id" UUID NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "two_factor_required_before" BOOLEAN NOT NULL,
    "two_factor_required_after" BOOLEAN NOT NULL,
    "sms_allowed_before" BOOLEAN NOT NULL,
    "sms_allowed_after" BOOLEAN NOT NULL,

    CONSTRAINT "policy_changes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setup_links" (
    "token_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "setup_links_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "organization_id" UUID NOT NULL,
    "username" TEXT NOT NULL,
    "username_key" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "role" "Role" NOT NULL,
    "password_hash" TEXT NOT NULL,
    "password_scheme" "PasswordScheme" NOT NULL,
    "phone_number" TEXT,
    "sms_enabled" BOOLEAN NOT NULL DEFAULT true,
    "chose_two_factor" BOOLEAN NOT NULL DEFAULT false,
    "deactivated_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "opened_for" TEXT,
    "password_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "second_factor_at" TIMESTAMPTZ(3),
    "second_factor_method" "SecondFactorMethod",
    "half_open_stage" "HalfOpenStage",
    "half_open_since" TIMESTAMPTZ(3),
    "failed_codes" INTEGER NOT NULL DEFAULT 0,
    "return_to" TEXT,
    "previous_token_hash" TEXT,
    "rotated_at" TIMESTAMPTZ(3),
    "rotated_by_post" TEXT,
    "rotated_to" TEXT,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "authenticators" (
    "user_id" UUID NOT NULL,
    "secret" TEXT NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3) NOT NULL,
    "last_used_step" INTEGER NOT NULL,

    CONSTRAINT "authenticators_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "pending_authenticators" (
    "session_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "secret" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pending_authenticators_pkey" PRIMARY KEY ("session_id")
);

-- CreateTable
CREATE TABLE "code_tries" (
    "user_id" UUID NOT NULL,
    "failed_in_row" INTEGER NOT NULL,
    "waiting_until" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "code_tries_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "password_tries" (
    "key" TEXT NOT NULL,
    "failed" INTEGER NOT NULL,
    "pending" INTEGER NOT NULL DEFAULT 0,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "waiting_until" TIMESTAMPTZ(3),

    CONSTRAINT "password_tries_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE UNIQUE INDEX "organizations_slug_key" ON "organizations"("slug");

-- CreateIndex
CREATE INDEX "policy_changes_organization_id_changed_at_idx" ON "policy_changes"("organization_id", "changed_at");

-- CreateIndex
CREATE UNIQUE INDEX "users_username_key_key" ON "users"("username_key");

-- CreateIndex
CREATE INDEX "users_organization_id_idx" ON "users"("organization_id");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_token_hash_key" ON "sessions"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_opened_for_key" ON "sessions"("opened_for");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_previous_token_hash_key" ON "sessions"("previous_token_hash");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "sessions_expires_at_idx" ON "sessions"("expires_at");

-- CreateIndex
CREATE INDEX "pending_authenticators_user_id_idx" ON "pending_authenticators"("user_id");

-- CreateIndex
CREATE INDEX "password_tries_since_idx" ON "password_tries"("since");

-- AddForeignKey
ALTER TABLE "policy_changes" ADD CONSTRAINT "policy_changes_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "policy_changes" ADD CONSTRAINT "policy_changes_changed_by_id_fkey" FOREIGN KEY ("changed_by_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "users" ADD CONSTRAINT "users_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authenticators" ADD CONSTRAINT "authenticators_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_authenticators" ADD CONSTRAINT "pending_authenticators_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pending_authenticators" ADD CONSTRAINT "pending_authenticators_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "code_tries" ADD CONSTRAINT "code_tries_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
