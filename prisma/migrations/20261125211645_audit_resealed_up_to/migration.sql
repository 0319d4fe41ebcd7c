-- AlterTable
ALTER TABLE "audit_chains" ADD COLUMN     "resealed_link" TEXT,
ADD COLUMN     "resealed_position" INTEGER;
