-- CreateTable
CREATE TABLE "admissions" (
    "user_id" UUID NOT NULL,
    "token_hash" TEXT NOT NULL,
    "sent_to" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "browser_key" TEXT,
    "admitted_until" TIMESTAMPTZ(3),

    CONSTRAINT "admissions_pkey" PRIMARY KEY ("user_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "admissions_token_hash_key" ON "admissions"("token_hash");

-- AddForeignKey
ALTER TABLE "admissions" ADD CONSTRAINT "admissions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
