-- DropForeignKey
ALTER TABLE "policy_changes" DROP CONSTRAINT "policy_changes_changed_by_id_fkey";

-- DropForeignKey
ALTER TABLE "policy_changes" DROP CONSTRAINT "policy_changes_organization_id_fkey";

-- DropTable
DROP TABLE "policy_changes";
